/**
 * Makes `dist/release`, with all files of a release page. `--url` is the URL at which the files will be published;
 * without it, krew's manifest and Homebrew's formula name a host that cannot exist.
 */
import { parseArgs } from 'node:util';
import { buildManifests, MANIFESTS } from './manifests.ts';
import { makeRelease, NOWHERE } from './release/release.ts';
import { TARGETS } from './targets.ts';

const { values } = parseArgs({ options: { url: { type: 'string' }, homepage: { type: 'string' } } });
const { url = NOWHERE, homepage = NOWHERE } = values;
const say = (line: string): void => console.error(line);
if (url === NOWHERE) say('no --url: the manifest for krew and the formula for Homebrew name no real place');

await buildManifests(say);
for (const path of await makeRelease({ targets: TARGETS, url, homepage, manifests: MANIFESTS, say }))
  console.log(path);
