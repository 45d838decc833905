/**
 * Measures the memory of the controller as it runs in its image, for the chart's README: with the image's Node, in a
 * cgroup of 512 MiB, by the number of SealedSecrets. Prints Markdown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCertificate } from '../shared/crypto/parse-certificate.ts';
import { buildManifests } from '../build/manifests.ts';
import { memoryOf, MemoryMeter } from '../test/support/memory.ts';
import { MemoryLimit } from '../test/hostile/memory-limit.ts';
import { Cluster } from '../test/support/cluster.ts';
import type { ControllerProcess } from '../test/support/controller-process.ts';
import { Installation } from '../test/support/installation.ts';
import { CONTROLLER, controllerFlags } from '../test/support/package.ts';
import { keyItems, keySecret } from '../test/support/key-secret.ts';
import { until } from '../test/control-plane/until.ts';
import { continueOnImageNode } from './image-node.ts';
import { allSynced, createMany } from './many.ts';
import { machine } from './report.ts';

const COUNTS = [0, 1_000, 10_000];
const LIMIT = 512 << 20;
const ITEMS = { user: 'a value of some length', password: 'another value of some length' };
/** How often to look whether all are synced, in ms. Each look lists all SealedSecrets. */
const POLL = 2_000;
/** How long to wait without work, in ms, until the memory of the start is freed. */
const REST = 5_000;

const say = (line: string): void => console.error(line);
await continueOnImageNode();
const limit = MemoryLimit.create(LIMIT);
if (limit === undefined) throw new Error('this machine permits no control group');
const command = limit.wrap([process.execPath, ...controllerFlags(), CONTROLLER]);
await buildManifests(say);
const installation = await Installation.start({ say });
const cluster = new Cluster(installation.plane);
const items = await keyItems();
const certificate = parseCertificate(items['tls.crt'], 'bench');
await cluster.create('secrets', keySecret('sealed-secrets-keybench', items));
try {
  const namespace = await installation.plane.createNamespace('many');
  console.log(`Measured on ${machine()}.\n`);
  console.log('| SealedSecrets | first start, MiB | restart, MiB | idle, MiB |\n| --- | --- | --- | --- |');
  let made = 0;
  for (const count of COUNTS) {
    await createMany(cluster, { certificate, namespace, from: made, to: count, items: ITEMS });
    made = count;
    const first = await start();
    await allSynced(cluster, namespace, POLL);
    await sleep(REST);
    const peak = first.meter.peak;
    await first.stop();
    const again = await start();
    await sleep(REST * 2);
    const figures = [peak, again.meter.peak, memoryOf(again.controller.pid)];
    console.log(`| ${[count, ...figures.map((each) => each.toFixed(0))].join(' | ')} |`);
    await again.stop();
  }
  if (limit.killed > 0) throw new Error(`the kernel killed ${limit.killed} processes`);
} finally {
  await installation.stop();
}

interface Started {
  readonly controller: ControllerProcess;
  readonly meter: MemoryMeter;
  stop(): Promise<void>;
}

async function start(): Promise<Started> {
  const controller = await installation.startBareController([], { command });
  const meter = new MemoryMeter(controller.pid);
  await until('a key', () => controller.output.includes('sealing keys loaded') || undefined, 120_000);
  const stop = async (): Promise<void> => {
    meter.stop();
    await controller.stop();
  };
  return { controller, meter, stop };
}
