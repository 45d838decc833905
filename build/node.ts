/**
 * Builds the page that seals in a browser, bundles kubeseal for Node with the page inside, and collects the notices of
 * its packages. The second half of `npm run build`.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleKubeseal } from './bundle.ts';
import { noticesFor } from './notices.ts';
import { NODE_DIR, NODE_ENTRY, PACKAGE, WEB_PAGE } from './package.ts';
import { buildPage } from './web.ts';

console.log(`${relative(PACKAGE, WEB_PAGE)}: ${await buildPage()} bytes`);

const modules = await bundleKubeseal(NODE_DIR);
chmodSync(NODE_ENTRY, 0o755);
writeFileSync(join(NODE_DIR, 'THIRD-PARTY-NOTICES.txt'), noticesFor(modules));
