/** Bundles kubeseal for Node, and collects the notices of its packages. The second half of `npm run build`. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleKubeseal } from './bundle.ts';
import { noticesFor } from './notices.ts';
import { NODE_DIR, NODE_ENTRY } from './package.ts';

const modules = await bundleKubeseal(NODE_DIR);
chmodSync(NODE_ENTRY, 0o755);
writeFileSync(join(NODE_DIR, 'THIRD-PARTY-NOTICES.txt'), noticesFor(modules));
