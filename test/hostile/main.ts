/**
 * Replays the attacks of docs/security.md on a real API server: `npm run hostile`, or `npm run hostile -- 3 7` for some
 * of them. It takes about five minutes and is not a part of `npm test`.
 *
 * The controller runs with the memory that the chart gives it, under the Node that runs this script, or with
 * `--image-node` under the image's. A control group holds the limit where the machine permits one. Under each attack the
 * controller and its children need less than 400 MiB, a neighbour's SealedSecret is synced within two seconds, and
 * SIGTERM ends the controller within ten.
 *
 * The fuzzers try the same bounds with random input. The first sends 100,000 requests, and `FUZZ_SEED` makes them others;
 * the second and the third take the number of documents and of templates:
 *
 *     npm test -- e2e/http-fuzz
 *     DOCUMENTS=100000 node --test dist/test/shared/manifest/hostile-documents.test.js
 *     npm run compare -- 100000
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { architectureHere, fetchNode } from '../../build/image-root.ts';
import { buildManifests } from '../../build/manifests.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { enterOwnNetwork, insideOwnNetwork } from '../control-plane/network.ts';
import { prepare } from './arena.ts';
import { ATTACKS } from './attacks.ts';
import { replay } from './replay.ts';

const { values, positionals } = parseArgs({
  options: { 'image-node': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const say = (line: string): void => console.error(line);
const node = async (): Promise<string> =>
  values['image-node'] ? join(await fetchNode(architectureHere(), say), 'bin', 'node') : process.execPath;

if (!insideOwnNetwork()) {
  // What has to be built is fetched before this process enters a network of its own, which has no way out.
  await findBinaries(['etcd', 'kube-apiserver'], say);
  await buildManifests(say);
  await node();
}
process.exitCode = (await enterOwnNetwork()) ?? (await replayAll());

/** Replays the attacks that were asked for, one by one. Gives the exit code. */
async function replayAll(): Promise<number> {
  const start = performance.now();
  const ground = await prepare(await node(), say);
  if (!ground.limit) say('this machine permits no control group: the memory is measured, and not limited');
  let [passed, failed] = [0, 0];
  try {
    for (const [index, attack] of ATTACKS.entries()) {
      const number = String(index + 1);
      if (positionals.length > 0 && !positionals.includes(number)) continue;
      const result = await replay(attack, ground);
      if (result.passed) passed++;
      else failed++;
      console.log(`${number.padStart(2)} ${result.line}`);
    }
  } finally {
    await ground.installation.stop();
  }
  say(`${((performance.now() - start) / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
