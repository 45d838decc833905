/**
 * Measures how fast the controller unseals many SealedSecrets that are created at once, and what that costs: with the
 * image's Node, on a real API server on the same machine, without limits on requests to it. Prints Markdown.
 *
 *     npm run bench:throughput
 *     node dist/bench/throughput.js --count 300 --items 5 --here     with the Node that runs this script
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildManifests } from '../build/manifests.ts';
import { at } from '../test/control-plane/admin-client.ts';
import { Cluster } from '../test/support/cluster.ts';
import type { ControllerProcess } from '../test/support/controller-process.ts';
import { readExposition } from '../test/support/exposition.ts';
import { Installation } from '../test/support/installation.ts';
import { MemoryMeter } from '../test/support/memory.ts';
import { CONTROLLER, CONTROLLER_FLAGS } from '../test/support/package.ts';
import { sealedSecret } from '../test/support/sealed.ts';
import { continueOnImageNode } from './image-node.ts';
import { machine } from './report.ts';

/** How often to look whether all are synced, in ms. Each look lists all SealedSecrets. */
const POLL = 500;
/** How many requests the creation keeps in flight. */
const PARALLEL = 20;
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
    command: [process.execPath, ...CONTROLLER_FLAGS, CONTROLLER],
  });
  const meter = new MemoryMeter(controller.pid);
  const namespace = await installation.plane.createNamespace('many');
  const before = await costs(controller);
  const started = performance.now();
  await create(controller, namespace);
  const posted = (performance.now() - started) / 1000;
  await allSynced(namespace);
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

/** Creates the SealedSecrets. They share their ciphertexts, so that sealing takes no CPU beside the controller. */
async function create(controller: ControllerProcess, namespace: string): Promise<void> {
  const cluster = new Cluster(installation.plane);
  const certificate = await controller.certificate();
  const body = sealedSecret(certificate, { namespace, name: 'any' }, items, { scope: 'cluster-wide' });
  const names = Array.from({ length: count }, (_, index) => `sealed-${index}`).values();
  const creator = async (): Promise<void> => {
    for (const name of names) {
      await cluster.create('sealedsecrets', { ...body, metadata: { ...body.metadata, name } });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, creator));
}

async function allSynced(namespace: string): Promise<void> {
  const cluster = new Cluster(installation.plane);
  for (;;) {
    const all = await cluster.list('sealedsecrets', namespace);
    if (all.every((each) => at(each, 'status', 'conditions', 0, 'status') === 'True')) return;
    await sleep(POLL);
  }
}

/** Returns the CPU seconds that the controller has used and the number of requests that it has sent. */
async function costs(controller: ControllerProcess): Promise<{ cpu: number; requests: number }> {
  const answer = await fetch(`${await controller.metricsUrl()}/metrics`);
  const { samples } = readExposition(await answer.text());
  const sum = (suffix: string): number =>
    samples.filter(({ name }) => name.endsWith(suffix)).reduce((total, { value }) => total + value, 0);
  return { cpu: sum('process_cpu_seconds_total'), requests: sum('api_requests_total') };
}
