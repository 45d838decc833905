import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { ask } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import type { Plural } from '../support/cluster.ts';
import { samplesOf } from '../support/exposition.ts';
import { ACTIVE, keyItems, keySecret, type KeyItems } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/** How many objects to create with nearly 256 KiB of annotations, Kubernetes' limit: one page of a list, of 71 MiB. */
const MANY = 280;
const ANNOTATIONS = { pad: 'x'.repeat(255 * 1024) };
/** How many Secrets to create with a key and nearly 1 MiB of other data. */
const KEYS = 150;
/** How many statuses to write with nearly the maximum size of an object. */
const STATUSES = 200;
const IN_PARALLEL = 10;

/**
 * The maximum memory of a controller, in MiB. V8 may fill the whole heap of 256 MiB before it collects; the program, the
 * buffers and the other threads come on top.
 */
const MAX_RSS = 400;
/** How long the first list may take, in ms: it has hundreds of megabytes, and the machine may be busy. */
const START_TIME = 120_000;
/** How long a new SealedSecret may take, in ms. On an idle machine it takes far less than 2 s. */
const SOON = 60_000;

const WATCHES = ['sealedsecrets', 'secrets', 'keys'];

let items: KeyItems;
let certificate: Certificate;
let neighbour: string;
let made = 0;

const setup = new Setup(async () => {
  const { cluster, plane } = setup;
  items = await keyItems();
  certificate = parseCertificate(items['tls.crt'], 'test');
  await cluster.create('secrets', keySecret('sealed-secrets-keylarge', items));
  neighbour = await plane.createNamespace('neighbour');
});

/** Creates many objects, several at a time. */
async function createAll(plural: Plural, objects: readonly object[]): Promise<void> {
  const left = objects.values();
  const worker = async (): Promise<void> => {
    for (const object of left) await setup.cluster.create(plural, object);
  };
  await Promise.all(Array.from({ length: IN_PARALLEL }, worker));
}

/** Starts a controller with a small heap, and waits until it is ready. */
async function startSmall(): Promise<ControllerProcess> {
  const env = { NODE_OPTIONS: '--max-old-space-size=256' };
  const controller = await setup.use(
    setup.installation.startBareController(['--key-generation=never'], { env }),
  );
  const url = await controller.url();
  const ready = async (): Promise<true | undefined> =>
    (await ask('GET', `${url}/readyz`)).status === 200 || undefined;
  await until('the controller to be ready', ready, START_TIME);
  return controller;
}

/** Asserts that a neighbour's new SealedSecret is unsealed soon, and that the controller has used little memory. */
async function servesNeighbours(controller: ControllerProcess, t: TestContext): Promise<void> {
  const ref = { namespace: neighbour, name: `new-${++made}` };
  const started = performance.now();
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
  await setup.cluster.secretWith(ref, { a: 'one' });
  const took = performance.now() - started;
  // The Secret may be written before the first list of Secrets is complete.
  const page = await until('all watches to be synced', async () => {
    const metrics = await controller.metrics();
    return WATCHES.every((watch) => valueOf(metrics, 'watch_synced', watch) === 1) ? metrics : undefined;
  });
  for (const watch of WATCHES) assert.equal(valueOf(page, 'watch_skipped_objects_total', watch), 0, watch);
  const rss = mostMemory(controller.pid);
  t.diagnostic(`unsealed after ${Math.round(took)} ms, ${rss} MiB`);
  assert.ok(took < SOON, `it took ${Math.round(took)} ms`);
  assert.ok(rss < MAX_RSS, `${rss} MiB`);
}

/** Returns the value of a controller's metric for one watch. */
function valueOf(page: string, name: string, watch: string): number | undefined {
  return samplesOf(page, `sealed_secrets_controller_${name}`, { watch })[0]?.value;
}

/** Returns the peak memory of a process, in MiB. */
function mostMemory(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(peak) / 1024);
}

suite('a controller with a heap of 256 MiB', () => {
  const piles: [string, Plural, () => Promise<readonly object[]>][] = [
    [
      `${MANY} SealedSecrets with 255 KiB of annotations, and one of 1.3 MB`,
      'sealedsecrets',
      async () => {
        const namespace = await setup.plane.createNamespace('sealed-pile');
        const pile = Array.from({ length: MANY }, (_, index) => ({
          apiVersion: 'bitnami.com/v1alpha1',
          kind: 'SealedSecret',
          metadata: { namespace, name: `pile-${index}`, annotations: ANNOTATIONS },
          spec: { encryptedData: {} },
        }));
        const largest = sealedSecret(certificate, { namespace, name: 'largest' }, { a: 'x'.repeat(970_000) });
        return [...pile, largest];
      },
    ],
    [
      `${MANY} Secrets with 255 KiB of annotations`,
      'secrets',
      async () => {
        const namespace = await setup.plane.createNamespace('secret-pile');
        return Array.from({ length: MANY }, (_, index) => ({
          metadata: { namespace, name: `pile-${index}`, annotations: ANNOTATIONS },
        }));
      },
    ],
    [
      `${KEYS} key Secrets of nearly 1 MiB`,
      'secrets',
      () => {
        const padded = { ...items, 'tls.crt': `${items['tls.crt']}${'x'.repeat(1_000_000)}` };
        return Promise.resolve(
          Array.from({ length: KEYS }, (_, index) =>
            keySecret(`pile-${index}`, padded, { labels: { ...ACTIVE, pile: 'yes' } }),
          ),
        );
      },
    ],
  ];
  for (const [what, plural, pile] of piles) {
    test(`serves neighbours beside ${what}, from its start and as they come`, async (t) => {
      const running = await startSmall();
      await createAll(plural, await pile());
      await servesNeighbours(running, t);
      assert.equal(await running.stop(), 0);
      const restarted = await startSmall();
      await servesNeighbours(restarted, t);
      assert.equal(await restarted.stop(), 0);
    });
  }

  test(`remembers nothing of ${STATUSES} statuses of 1.3 MiB that someone else wrote`, async (t) => {
    const namespace = await setup.plane.createNamespace('statuses');
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
    const message = 'x'.repeat(1_300_000);
    const names = Array.from({ length: STATUSES }, (_, index) => `status-${index}`);
    await createAll(
      'sealedsecrets',
      names.map((name) => ({
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { namespace, name },
        spec: { encryptedData: { a: 'AAAA' } },
      })),
    );
    for (const name of names) {
      const status = { conditions: [{ type: 'Foreign', status: 'True', message }] };
      const type = 'application/merge-patch+json';
      const told = await setup.plane.request('PATCH', `${path}/${name}/status`, { status }, type);
      assert.equal(told.status, 200);
    }
    const controller = await startSmall();
    await until('a verdict on each', async () => {
      const verdicts = samplesOf(await controller.metrics(), 'sealed_secrets_controller_condition_info', {
        namespace,
      });
      return verdicts.length === STATUSES || undefined;
    });
    await servesNeighbours(controller, t);
    assert.equal(await controller.stop(), 0);
  });
});
