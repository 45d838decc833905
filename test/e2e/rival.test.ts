import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../support/until.ts';

let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('rival');
});

async function synced(name: string, annotations: object = {}): Promise<Ref> {
  const ref = { namespace, name };
  const template = { metadata: { labels: { app: 'shop' }, annotations } };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }, { template }));
  await setup.cluster.told(ref, 'True');
  return ref;
}

/** Changes a Secret every 100 ms for half a minute, as a conflicting controller would. */
async function fight(ref: Ref, change: (turn: number) => object, duration = 30_000): Promise<void> {
  const end = Date.now() + duration;
  for (let turn = 0; Date.now() < end; turn++) {
    await setup.cluster.change('secrets', ref, change(turn));
    await sleep(100);
  }
}

/** Asserts that there is exactly one warning on a SealedSecret whose Secret another controller keeps changing. */
async function assertOneWarning(ref: Ref): Promise<void> {
  const events = await setup.cluster.events(ref, 'ErrUpdateFailed');
  const warnings = events.filter(({ type }) => type === 'Warning');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]?.message ?? '', /another client keeps changing the Secret/);
}

/** Returns how often the controller has written the Secret, according to its log. */
function writes(ref: Ref): number {
  return controller.log.filter(
    ({ message, line }) =>
      message.startsWith('Secret ') && line.includes(`SealedSecret ${ref.namespace}/${ref.name}"`),
  ).length;
}

suite('a Secret that another controller changes every 100 ms for 30 seconds', () => {
  test('keeps a label of the other controller, and has an item restored at most ten times', async () => {
    const { cluster } = setup;
    const [labelled, edited] = [await synced('labelled'), await synced('edited')];
    const neighbour = synced('neighbour');
    await Promise.all([
      fight(labelled, (turn) => ({ metadata: { labels: { rival: `turn-${turn}` } } })),
      fight(edited, (turn) => ({ data: { a: Buffer.from(`turn-${turn}`).toString('base64') } })),
    ]);
    assert.equal(writes(labelled), 1, 'it was made, and nothing more');
    assert.deepEqual(at(await cluster.secret(labelled), 'metadata', 'labels', 'app'), 'shop');
    assert.ok(writes(edited) >= 2 && writes(edited) <= 11, `${writes(edited)} writes`);
    await neighbour;

    await assertOneWarning(edited);
    assert.equal(listAt((await cluster.told(edited, 'True')).object, 'status', 'conditions').length, 1);
  });

  test('is restored once the other controller stops', async () => {
    const ref = { namespace, name: 'edited' };
    await until(
      'the item',
      async () => itemsOf(await setup.cluster.get('secrets', ref))['a'] === 'one' || undefined,
      60_000,
    );
  });
});

suite('a Secret with the annotation managed that another operator wants to own', () => {
  const PREFIX = 'sealedsecrets.bitnami.com/';
  const MANAGED = { [`${PREFIX}managed`]: 'true' };
  const SKIP = { [`${PREFIX}skip-set-owner-references`]: 'true' };

  test('is restored with growing pauses and one warning, whether the operator adds its owner reference or removes ours', async () => {
    const [controlled, ownerless, stripped] = [
      await synced('controlled', MANAGED),
      await synced('controlled-ownerless', { ...MANAGED, ...SKIP }),
      await synced('stripped', MANAGED),
    ];
    const rival = {
      apiVersion: 'example.com/v1',
      kind: 'Rival',
      name: 'rival',
      uid: 'rival',
      controller: true,
    };
    const takeControl = (): object => ({ metadata: { ownerReferences: [rival] } });
    await Promise.all([
      fight(controlled, takeControl, 12_000),
      fight(ownerless, takeControl, 12_000),
      fight(stripped, () => ({ metadata: { ownerReferences: [] } }), 12_000),
    ]);
    for (const ref of [controlled, ownerless, stripped]) {
      // One creation, then repairs at once and after at least 0.5 s, 1 s, 2 s and 4 s.
      assert.ok(writes(ref) >= 3 && writes(ref) <= 7, `${ref.name}: ${writes(ref)} writes`);
      await assertOneWarning(ref);
    }
  });
});
