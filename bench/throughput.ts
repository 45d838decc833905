/**
 * Measures how fast the controller unseals many SealedSecrets that are created at once, and what that costs: with the
 * image's Node, on a real API server on the same machine, without limits on requests to it. Prints Markdown.
 *
 *     npm run bench:throughput
 *     node dist/bench/throughput.js --count 300 --items 5 --here     with the Node that runs this script
 */
import { parseArgs } from 'node:util';
import { buildManifests } from '../build/manifests.ts';
import { Cluster } from '../test/support/cluster.ts';
import type { ControllerProcess } from '../test/support/controller-process.ts';
import { readExposition } from '../test/support/exposition.ts';
import { Installation } from '../test/support/installation.ts';
import { MemoryMeter } from '../test/support/memory.ts';
import { CONTROLLER, controllerFlags } from '../test/support/package.ts';
import { continueOnImageNode } from './image-node.ts';
import { allSynced, createMany } from './many.ts';
import { machine } from './report.ts';

/** How often to look whether all are synced, in ms. Each look lists all SealedSecrets. */
const POLL = 500;
const ARGS = ['--kubeclient-qps=-1'];

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    items: { type: 'string', default: '1' },
    here: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const items = Object.fromEntries(
  Array.from({ length: Number(values.items) }, (_, index) => [`item-${index}`, 'a value of some length']),
);

const say = (line: string): void => console.error(line);
if (!values.here) await continueOnImageNode();
await buildManifests(say);
const installation = await Installation.start({ say });
try {
  const controller = await installation.startReadyController(ARGS, {
    command: [process.execPath, ...controllerFlags(), CONTROLLER],
  });
  const meter = new MemoryMeter(controller.pid);
  const namespace = await installation.plane.createNamespace('many');
  const cluster = new Cluster(installation.plane);
  const certificate = await controller.certificate();
  const before = await costs(controller);
  const started = performance.now();
  await createMany(cluster, { certificate, namespace, from: 0, to: count, items });
  const posted = (performance.now() - started) / 1000;
  await allSynced(cluster, namespace, POLL);
  const seconds = (performance.now() - started) / 1000;
  const after = await costs(controller);
  meter.stop();
  const row = [
    count,
    seconds.toFixed(1),
    (count / seconds).toFixed(0),
    posted.toFixed(1),
    (after.cpu - before.cpu).toFixed(1),
    ((after.requests - before.requests) / count).toFixed(2),
    meter.peak.toFixed(0),
  ];
  console.log(`Measured on ${machine()}.\n`);
  console.log(
    '| SealedSecrets | all synced, s | per second | posted, s | CPU, s | requests each | peak, MiB |',
  );
  console.log(`|${' --- |'.repeat(row.length)}\n| ${row.join(' | ')} |`);
  await controller.stop();
} finally {
  await installation.stop();
}

/** Returns the CPU seconds that the controller has used and the number of requests that it has sent. */
async function costs(controller: ControllerProcess): Promise<{ cpu: number; requests: number }> {
  const { samples } = readExposition(await controller.metrics());
  const sum = (suffix: string): number =>
    samples.filter(({ name }) => name.endsWith(suffix)).reduce((total, { value }) => total + value, 0);
  return { cpu: sum('process_cpu_seconds_total'), requests: sum('api_requests_total') };
}
