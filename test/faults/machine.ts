import { buildManifests } from '../../build/manifests.ts';
import { nodeFor } from '../../build/pinned-node.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { enterOwnNetwork, insideOwnNetwork } from '../control-plane/network.ts';

/**
 * Runs a program that needs a control plane in a network namespace of its own, and sets the exit code. Fetches and builds
 * everything before, since the namespace has no route out.
 *
 * @param run gets the path of the image's Node, and returns the exit code
 */
export async function runInOwnNetwork(run: (node: string) => Promise<number>): Promise<void> {
  const say = (line: string): void => console.error(line);
  if (!insideOwnNetwork()) {
    await findBinaries(['etcd', 'kube-apiserver'], say);
    await buildManifests(say);
    await nodeFor('image', say);
  }
  process.exitCode = (await enterOwnNetwork()) ?? (await run(await nodeFor('image', say)));
}
