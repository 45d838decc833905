import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OWNER_UID } from '../../shared/api/annotations.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../support/until.ts';

let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  const controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('equal');
});

const TEMPLATE = {
  type: 'Opaque',
  metadata: { labels: { app: 'shop', tier: 'front' }, annotations: { 'example.com/owner': 'team-a' } },
};

/** Creates a SealedSecret with the items `a` and `b`, and waits until its Secret exists. */
async function synced(name: string): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create(
    'sealedsecrets',
    sealedSecret(certificate, ref, { a: 'one', b: 'two' }, { template: TEMPLATE }),
  );
  await setup.cluster.told(ref, 'True');
  return ref;
}

/** Encodes the items as base64, for the data of a Secret. */
function data(items: Readonly<Record<string, string>>): object {
  return {
    data: Object.fromEntries(
      Object.entries(items).map(([item, value]) => [item, Buffer.from(value).toString('base64')]),
    ),
  };
}

/**
 * Waits until all changes before this call are reconciled: changes another Secret twice and waits for each repair,
 * after which all work that was queued earlier is also done.
 */
async function settled(other: Ref): Promise<void> {
  for (const value of ['changed', 'changed again']) {
    await setup.cluster.change('secrets', other, data({ a: value }));
    await setup.cluster.secretWith(other, { a: 'one', b: 'two' });
  }
}

suite('a Secret', () => {
  test('is recreated whenever it is deleted', async () => {
    const { cluster } = setup;
    const ref = await synced('deleted');
    for (let times = 0; times < 3; times++) {
      const uid = uidOf(await cluster.secret(ref));
      await cluster.delete('secrets', ref);
      const made = await cluster.secret(ref, uid);
      assert.deepEqual(itemsOf(made), { a: 'one', b: 'two' });
      await until('status.applied of the new Secret', async () => {
        const { applied } = await cluster.told(ref, 'True');
        return at(applied, 'secretUID') === uidOf(made) || undefined;
      });
    }
  });

  test('is repaired when its items, labels or annotations are changed, taken away or added to', async () => {
    const { cluster } = setup;
    const ref = await synced('edited');
    const first = await cluster.secret(ref);
    await cluster.change('secrets', ref, data({ a: 'stolen', c: 'added' }));
    await cluster.secretWith(ref, { a: 'one', b: 'two' });
    await cluster.change('secrets', ref, { data: { b: null } });
    await cluster.secretWith(ref, { a: 'one', b: 'two' });

    const metadata = { labels: { app: 'other', tier: null }, annotations: { 'example.com/owner': null } };
    await cluster.change('secrets', ref, { metadata });
    const repaired = await until('the labels and annotations', async () => {
      const secret = await cluster.get('secrets', ref);
      return at(secret, 'metadata', 'labels', 'tier') === 'front' ? secret : undefined;
    });
    assert.deepEqual(at(repaired, 'metadata', 'labels'), TEMPLATE.metadata.labels);
    assert.deepEqual(at(repaired, 'metadata', 'annotations'), {
      ...TEMPLATE.metadata.annotations,
      [OWNER_UID]: at(repaired, 'metadata', 'ownerReferences', 0, 'uid'),
    });
    assert.equal(uidOf(repaired), uidOf(first), 'it was never deleted');
  });

  test('keeps the labels, annotations and owners that others add, and is not written for them', async () => {
    const { cluster } = setup;
    const ref = await synced('labelled');
    const other = await synced('beside-labelled');
    const uid = '11111111-2222-3333-4444-555555555555';
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'someone', uid };
    const [own] = [at(await cluster.secret(ref), 'metadata', 'ownerReferences', 0)];
    const foreign = await cluster.change('secrets', ref, {
      metadata: {
        labels: { 'example.com/seen': 'yes' },
        annotations: { 'example.com/seen': 'yes' },
        ownerReferences: [own, owner],
      },
    });
    const before = await cluster.told(ref, 'True');
    await settled(other);
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(foreign));
    assert.equal(versionOf((await cluster.told(ref, 'True')).object), versionOf(before.object));

    await cluster.change('secrets', ref, data({ a: 'stolen' }));
    const repaired = await cluster.secretWith(ref, { a: 'one', b: 'two' });
    assert.equal(at(repaired, 'metadata', 'labels', 'example.com/seen'), 'yes');
    assert.equal(at(repaired, 'metadata', 'annotations', 'example.com/seen'), 'yes');
    assert.deepEqual(at(repaired, 'metadata', 'ownerReferences'), [own, owner]);
  });

  test('that is right is not written again', async () => {
    const { cluster } = setup;
    const ref = await synced('at-rest');
    const other = await synced('beside-at-rest');
    const [secret, told] = [await cluster.secret(ref), await cluster.told(ref, 'True')];
    await settled(other);
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(secret));
    assert.equal(versionOf((await cluster.told(ref, 'True')).object), versionOf(told.object));
    assert.equal((await cluster.events(ref, 'Unsealed')).length, 1);
  });
});

suite('a SealedSecret that is edited', () => {
  test('takes its Secret along: a new item, one less, a label less', async () => {
    const { cluster } = setup;
    const ref = await synced('followed');
    const first = await cluster.secret(ref);
    await cluster.change('sealedsecrets', ref, {
      spec: {
        encryptedData: { b: null, c: sealedItem(certificate, ref, 'three') },
        template: { metadata: { labels: { tier: null } } },
      },
    });
    const told = await cluster.told(ref, 'True');
    const second = await cluster.secret(ref);
    assert.deepEqual(itemsOf(second), { a: 'one', c: 'three' });
    assert.deepEqual(at(second, 'metadata', 'labels'), { app: 'shop' });
    assert.equal(uidOf(second), uidOf(first));
    assert.equal(at(told.applied, 'generation'), 2);
    assert.equal(at(told.applied, 'secretResourceVersion'), versionOf(second));
  });

  test('by its scope alone is noticed, though the generation stays', async () => {
    const { cluster } = setup;
    const ref = await synced('rescoped');
    const secret = await cluster.secret(ref);
    const name = 'sealedsecrets.bitnami.com/cluster-wide';
    await cluster.change('sealedsecrets', ref, { metadata: { annotations: { [name]: 'true' } } });
    const widened = await cluster.told(ref, 'False');
    assert.equal(widened.observedGeneration, 1);
    assert.equal(widened.reason, 'WrongScope');
    assert.match(widened.message, /^no key could decrypt secret \(a, b\)/);

    await cluster.change('sealedsecrets', ref, { metadata: { annotations: { [name]: null } } });
    assert.equal((await cluster.told(ref, 'True')).message, '');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(secret), 'the Secret was left alone');
    const events = (await cluster.events(ref, 'Unsealed', 2)).map((event) => event.reason);
    assert.deepEqual(events.sort(), ['ErrUnsealFailed', 'Unsealed', 'Unsealed']);
  });
});
