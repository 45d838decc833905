/** Records the core of the demo, as `npm run recording` does after the daily commands. */
import { writeFileSync } from 'node:fs';
import { formatCast, parseCast } from '../../build/recording/cast.ts';
import { renderSvg } from '../../build/recording/svg.ts';
import { buildManifests } from '../../build/manifests.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { enterOwnNetwork, insideOwnNetwork } from '../control-plane/network.ts';
import { DEMO_CAST, DEMO_SVG, recordDemo } from './recording.ts';

if (!insideOwnNetwork()) {
  const say = (line: string): void => console.error(line);
  await findBinaries(['etcd', 'kube-apiserver', 'kubectl', 'helm'], say);
  await buildManifests(say);
}
const status = await enterOwnNetwork();
if (status === null) {
  const recording = formatCast(await recordDemo());
  writeFileSync(DEMO_CAST, recording);
  // Of the file, whose times are rounded.
  writeFileSync(DEMO_SVG, renderSvg(parseCast(recording)));
  console.log(`wrote ${DEMO_CAST} and ${DEMO_SVG}`);
} else {
  process.exitCode = status;
}
