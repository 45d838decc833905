/** The demo of the README: the main use case, end to end, on a separate control plane. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildManifests } from '../../build/manifests.ts';
import {
  canBuild,
  findBinaries,
  haveBinaries,
  NoControlPlane,
  type Tool,
} from '../control-plane/binaries.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { enterOwnNetwork } from '../control-plane/network.ts';
import { wholeDemo } from './cluster.ts';
import { DemoFailed, Narrator } from './narrator.ts';
import { offlineHalf } from './offline.ts';

const TOOLS: readonly Tool[] = ['etcd', 'kube-apiserver', 'helm'];

async function main(): Promise<number> {
  const whole = (await haveBinaries(TOOLS)) || (await canBuild());
  if (whole) {
    // Download what has to be built before entering the demo's own network, which has no route out.
    const say = (line: string): void => console.log(line);
    await findBinaries(TOOLS, say);
    await buildManifests(say);
    const status = await enterOwnNetwork();
    if (status !== null) return status;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-demo-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const narrator = new Narrator();
  if (whole) {
    await wholeDemo(folder, narrator);
  } else {
    console.log(
      'There is no kube-apiserver, etcd and helm here, and no Go to build them: this is the offline half.',
    );
    await offlineHalf(folder, narrator);
    console.log(
      'For the whole, install Go (https://go.dev/dl) or set KUBEBUILDER_ASSETS, and run this again.',
    );
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof DemoFailed || error instanceof NoControlPlane)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
