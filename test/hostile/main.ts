/**
 * Replays the attacks of docs/threats.md against a real API server: `npm run hostile`, or `npm run hostile -- 3 7` for
 * some of them. Takes about five minutes, and is not part of `npm test`.
 *
 * The controller runs with the memory limit of the chart, on the image's Node. A control group enforces the limit if the
 * machine permits one. Under each attack, the controller and its children must need less than 400 MiB, a neighbour's
 * SealedSecret must be synced within two seconds, and SIGTERM must end the controller within ten.
 *
 * The fuzzers test the same bounds with random input. The first sends 100,000 requests; set `FUZZ_SEED` for different
 * ones. The second and third take the number of documents and templates:
 *
 *     npm test -- e2e/http-fuzz
 *     DOCUMENTS=100000 node --test dist/test/shared/manifest/hostile-documents.test.js
 *     npm run compare -- 100000
 */
import { buildManifests } from '../../build/manifests.ts';
import { nodeFor } from '../../build/pinned-node.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { enterOwnNetwork, insideOwnNetwork } from '../control-plane/network.ts';
import { prepare } from './arena.ts';
import { ATTACKS } from './attacks.ts';
import { replay } from './replay.ts';

const chosen = process.argv.slice(2);
const say = (line: string): void => console.error(line);

if (!insideOwnNetwork()) {
  // Fetch and build everything before this process enters its own network, which has no route out.
  await findBinaries(['etcd', 'kube-apiserver'], say);
  await buildManifests(say);
  await nodeFor('image', say);
}
process.exitCode = (await enterOwnNetwork()) ?? (await replayAll());

/** Replays the selected attacks one by one. Returns the exit code. */
async function replayAll(): Promise<number> {
  const start = performance.now();
  const setup = await prepare(await nodeFor('image', say), say);
  if (!setup.limit) say('this machine permits no control group: memory is measured but not limited');
  let [passed, failed] = [0, 0];
  try {
    for (const [index, attack] of ATTACKS.entries()) {
      const number = String(index + 1);
      if (chosen.length > 0 && !chosen.includes(number)) continue;
      const result = await replay(attack, setup);
      if (result.passed) passed++;
      else failed++;
      console.log(`${number.padStart(2)} ${result.line}`);
    }
  } finally {
    await setup.installation.stop();
  }
  say(`${((performance.now() - start) / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
