/**
 * Measures how long a SealedSecret waits beside expensive ones, and how long HTTP requests take meanwhile: a
 * dedicated controller on a real API server, with 12 keys of 4096 bits. Prints Markdown, for docs/performance.md.
 */
import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildManifests } from '../build/manifests.ts';
import type { Ref } from '../shared/kubernetes/api/api.ts';
import { Cluster } from '../test/support/cluster.ts';
import { Installation } from '../test/support/installation.ts';
import { keySecret } from '../test/support/key-secret.ts';
import { certificateOf, pkcs1 } from '../test/support/keys.ts';
import { sealedItem, sealedSecret, type Recipient } from '../test/support/sealed.ts';
import { continueOnImageNode } from './image-node.ts';
import { machine } from './report.ts';

const KEYS = 12;
const ITEMS = 1_400;

interface Shape {
  readonly name: string;
  readonly objects: number;
  readonly items: number;
  /** The recipients to seal the items to, in turn. */
  readonly to: readonly Recipient[];
}

async function rsa(): Promise<KeyObject> {
  return (await promisify(generateKeyPair)('rsa', { modulusLength: 4096 })).privateKey;
}

async function recipient(): Promise<Recipient> {
  return promisify(generateKeyPair)('rsa', { modulusLength: 4096 });
}

/** Returns an item that is a smaller number than every modulus, so that every key is tried. */
function smallItem(to: Recipient, ref: Ref): string {
  for (;;) {
    const item = sealedItem(to, ref, 'one');
    if ((Buffer.from(item, 'base64')[2] ?? 255) < 0x80) return item;
  }
}

await continueOnImageNode();
await buildManifests((line) => console.error(line));
const installation = await Installation.start({ say: (line) => console.error(line) });
const { plane } = installation;
const cluster = new Cluster(plane);
try {
  const keys: Recipient[] = [];
  for (let index = 0; index < KEYS; index++) {
    const key = await rsa();
    const items = { 'tls.crt': await certificateOf(key), 'tls.key': pkcs1(key) };
    await cluster.create('secrets', keySecret(`sealed-secrets-key${index}`, items));
    keys.push({ publicKey: createPublicKey(key) });
  }
  const strangers = [await recipient()];
  const shapes: Shape[] = [
    { name: 'none', objects: 0, items: 0, to: strangers },
    { name: `12 objects of ${ITEMS} items that no key opens`, objects: 12, items: ITEMS, to: strangers },
    { name: `2,000 objects of one such item`, objects: 2_000, items: 1, to: strangers },
    { name: `12 objects of ${ITEMS} good items, for each key in turn`, objects: 12, items: ITEMS, to: keys },
  ];
  const lines = [
    `Measured on ${machine()}.`,
    '',
    '| concurrent load, in one namespace | another namespace, ms | same namespace, ms | slowest /healthz, ms | slowest cert.pem, ms |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const shape of shapes) lines.push(`| ${[shape.name, ...(await measured(shape, keys))].join(' | ')} |`);
  console.log(lines.join('\n'));
} finally {
  await installation.stop();
}

async function measured(shape: Shape, keys: readonly Recipient[]): Promise<string[]> {
  const controller = await installation.startBareController();
  await controller.logged('sealing keys loaded');
  const busy = await plane.createNamespace('busy');
  const quiet = await plane.createNamespace('quiet');
  const refs = Array.from({ length: shape.objects }, (_, i) => ({ namespace: busy, name: `o-${i}` }));
  for (let first = 0; first < refs.length; first += 20) {
    await Promise.all(refs.slice(first, first + 20).map((ref) => costly(ref, shape)));
  }
  const stop = new AbortController();
  const url = await controller.url();
  const answers = ['/healthz', '/v1/cert.pem'].map((path) => slowest(url + path, stop.signal));
  const [first] = keys;
  if (first === undefined) throw new Error('there are no keys');
  const waits = await Promise.all([
    waited({ namespace: quiet, name: 'neighbour' }, first),
    waited({ namespace: busy, name: 'neighbour' }, first),
  ]);
  stop.abort();
  const http = await Promise.all(answers);
  await controller.stop('SIGKILL');
  for (const ref of refs) await cluster.delete('sealedsecrets', ref);
  return [...waits, ...http].map((ms) => ms.toFixed(0));
}

async function costly(ref: Ref, { items, to }: Shape): Promise<void> {
  const values = to.map((each) => smallItem(each, ref));
  const [first] = to;
  if (first === undefined) throw new Error('nobody to seal to');
  const body = sealedSecret(first, ref, {});
  const encryptedData: Record<string, string> = {};
  for (let i = 0; i < items; i++) encryptedData[`i${i}`] = values[i % values.length] ?? '';
  await cluster.create('sealedsecrets', { ...body, spec: { ...body.spec, encryptedData } });
}

/** Returns the time from creation to status, in ms. */
async function waited(ref: Ref, to: Recipient): Promise<number> {
  const start = performance.now();
  await cluster.create('sealedsecrets', sealedSecret(to, ref, { a: 'one' }));
  await cluster.told(ref, 'True', 600_000);
  return performance.now() - start;
}

/** Sends requests until the signal aborts, and returns the longest response time, in ms. */
async function slowest(url: string, signal: AbortSignal): Promise<number> {
  let longest = 0;
  while (!signal.aborted) {
    const start = performance.now();
    await (await fetch(url)).text();
    longest = Math.max(longest, performance.now() - start);
    await sleep(10);
  }
  return longest;
}
