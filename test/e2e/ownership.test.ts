import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import { NAMESPACE } from '../support/installation.ts';
import { keySecrets, nameOf } from '../support/key-secret.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../support/until.ts';

const PREFIX = 'sealedsecrets.bitnami.com/';
const MANAGED = { [`${PREFIX}managed`]: 'true' };
const PATCH = { [`${PREFIX}patch`]: 'true' };
const SKIP = { [`${PREFIX}skip-set-owner-references`]: 'true' };
const OWNER_UID = `${PREFIX}owner-uid`;

let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  const controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('ownership');
});

async function seal(
  name: string,
  template: object = {},
  items: Record<string, string> = { a: 'one' },
): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items, { template }));
  return ref;
}

/** Creates a Secret before its SealedSecret exists. */
async function theirs(name: string, annotations: object, more: object = {}): Promise<unknown> {
  const data = { a: base64('old'), theirs: base64('kept') };
  const metadata = { name, namespace, annotations, labels: { theirs: 'yes' } };
  return setup.cluster.create('secrets', { metadata, data, ...more });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Writes a status that claims that the SealedSecret's current state was applied to the Secret. */
async function forge(ref: Ref, sealed: unknown, secret: unknown, ownership: string): Promise<void> {
  const generation = at(sealed, 'metadata', 'generation');
  const applied = {
    sealedSecretUID: uidOf(sealed),
    generation,
    scope: 'strict',
    secretUID: uidOf(secret),
    secretResourceVersion: versionOf(secret),
    ownership,
  };
  const status = {
    observedGeneration: generation,
    conditions: [{ type: 'Synced', status: 'True', reason: 'Unsealed', message: '' }],
    applied,
  };
  const answer = await setup.plane.request(
    'PATCH',
    `/apis/bitnami.com/v1alpha1/namespaces/${ref.namespace}/sealedsecrets/${ref.name}/status`,
    { status },
    'application/merge-patch+json',
  );
  assert.equal(answer.status, 200);
}

/** Waits until a new SealedSecret, created after all changes before this call, is unsealed. */
async function later(name: string): Promise<void> {
  await setup.cluster.told(await seal(name), 'True');
}

function owners(secret: unknown): unknown {
  return at(secret, 'metadata', 'ownerReferences');
}

suite('an existing Secret', () => {
  test('with the annotation managed is adopted as a whole, and recreated when it is deleted', async () => {
    const { cluster } = setup;
    const before = await theirs('managed', MANAGED);
    const ref = await seal('managed', { metadata: { labels: { app: 'shop' } } });
    const { object } = await cluster.told(ref, 'True');
    const secret = await cluster.secret(ref);
    assert.equal(uidOf(secret), uidOf(before));
    assert.deepEqual(itemsOf(secret), { a: 'one' });
    assert.deepEqual(at(secret, 'metadata', 'labels'), { app: 'shop' });
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { [OWNER_UID]: uidOf(object) });
    assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(object));

    await cluster.delete('secrets', ref);
    assert.deepEqual(itemsOf(await cluster.secret(ref, uidOf(before))), { a: 'one' });
  });

  test('with the annotation patch gets the items, labels and annotations, and keeps the rest', async () => {
    const { cluster } = setup;
    const metadata = { labels: { app: 'shop' }, annotations: { note: 'x' } };
    await theirs('patched', PATCH, { type: 'example.com/theirs' });
    const ref = await seal('patched', { metadata }, { a: 'one', b: 'two' });
    const told = await cluster.told(ref, 'True');
    assert.equal(at(told.applied, 'ownership'), 'None');
    const secret = await cluster.secret(ref);
    assert.deepEqual(itemsOf(secret), { a: 'one', b: 'two', theirs: 'kept' });
    assert.deepEqual(at(secret, 'metadata', 'labels'), { theirs: 'yes', app: 'shop' });
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...PATCH, note: 'x' });
    assert.equal(at(secret, 'type'), 'example.com/theirs');
    assert.equal(owners(secret), undefined);

    // An item that is removed from the SealedSecret remains in the Secret; a changed item is repaired.
    await cluster.change('sealedsecrets', ref, { spec: { encryptedData: { b: null } } });
    await cluster.told(ref, 'True');
    await cluster.change('secrets', ref, { data: { a: base64('edited') } });
    await cluster.secretWith(ref, { a: 'one', b: 'two', theirs: 'kept' });

    // When it is deleted, the controller does not recreate it, because it never owned it.
    await cluster.delete('secrets', ref);
    assert.equal((await cluster.told(ref, 'False')).reason, 'PatchedSecretGone');
    await later('after-patched');
    assert.equal(await cluster.get('secrets', ref), undefined);
    await theirs('patched', PATCH);
    await cluster.secretWith(ref, { a: 'one', theirs: 'kept' });
    assert.equal((await cluster.told(ref, 'True')).reason, 'Patched');
  });

  for (const [name, more] of [
    ['made-patched', {}],
    ['made-patched-managed', MANAGED],
  ] as const) {
    test(`by a template with patch, skip and ${JSON.stringify(more)} is made again after a second turn`, async () => {
      const { cluster } = setup;
      const ref = await seal(name, { metadata: { annotations: { ...PATCH, ...SKIP, ...more } } });
      await cluster.told(ref, 'True');
      const made = await cluster.secret(ref);
      // Another reconcile, which finds the annotations from the template.
      await cluster.change('secrets', ref, { data: { a: base64('edited') } });
      await cluster.secretWith(ref, { a: 'one' });
      await cluster.delete('secrets', ref);
      assert.deepEqual(itemsOf(await cluster.secret(ref, uidOf(made))), { a: 'one' });
      await cluster.told(ref, 'True');
    });
  }

  test('with both annotations gets the items and an owner, and keeps the rest', async () => {
    const { cluster } = setup;
    await theirs('both', { ...PATCH, ...MANAGED });
    const ref = await seal('both');
    const { object } = await cluster.told(ref, 'True');
    const secret = await cluster.secret(ref);
    assert.deepEqual(itemsOf(secret), { a: 'one', theirs: 'kept' });
    assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(object));
    const annotations = { ...PATCH, ...MANAGED, [OWNER_UID]: uidOf(object) };
    assert.deepEqual(at(secret, 'metadata', 'annotations'), annotations);
  });

  test('is not adopted because of annotations in a template', async () => {
    const { cluster } = setup;
    await theirs('tricked', PATCH);
    const ref = await seal('tricked', { metadata: { annotations: MANAGED } });
    await cluster.told(ref, 'True');
    assert.equal(owners(await cluster.secret(ref)), undefined, 'deleting the SealedSecret leaves it');

    const before = await theirs('untouched', {});
    const other = await seal('untouched', { metadata: { annotations: { ...MANAGED, ...PATCH } } });
    assert.equal((await cluster.told(other, 'False')).reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(other)), versionOf(before));
  });

  test('that is not managed is adopted at once when it is annotated', async () => {
    const { cluster } = setup;
    await theirs('annotated', {});
    const ref = await seal('annotated');
    await cluster.told(ref, 'False');
    await cluster.change('secrets', ref, { metadata: { annotations: MANAGED } });
    await cluster.told(ref, 'True', 20_000);
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'one' });
  });
});

suite('a Secret that has lost its owner reference', () => {
  test('gets it back, and is no longer owned once its annotation is gone too', async () => {
    const { cluster } = setup;
    const ref = await seal('lost');
    const { object } = await cluster.told(ref, 'True');
    const made = await cluster.secret(ref);
    assert.deepEqual(at(made, 'metadata', 'annotations'), { [OWNER_UID]: uidOf(object) });
    await cluster.change('secrets', ref, { metadata: { ownerReferences: null } });
    const restored = await until('the owner reference', async () => {
      const secret = await cluster.get('secrets', ref);
      return owners(secret) === undefined ? undefined : secret;
    });
    assert.equal(uidOf(restored), uidOf(made));
    assert.deepEqual(owners(restored), owners(made));

    const annotations = { [OWNER_UID]: null };
    const released = await cluster.change('secrets', ref, {
      metadata: { ownerReferences: null, annotations },
    });
    assert.equal((await cluster.told(ref, 'False', 20_000)).reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(released));
  });
});

suite('a Secret without owner reference', () => {
  test('is created, edited, repaired and recreated without it, and recognised by its annotation', async () => {
    const { cluster } = setup;
    const ref = await seal('ownerless', { metadata: { annotations: SKIP } });
    const told = await cluster.told(ref, 'True');
    const secret = await cluster.secret(ref);
    assert.equal(owners(secret), undefined);
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...SKIP, [OWNER_UID]: uidOf(told.object) });
    assert.deepEqual(
      [at(told.applied, 'ownership'), at(told.applied, 'secretUID')],
      ['Status', uidOf(secret)],
    );

    await cluster.change('sealedsecrets', ref, {
      spec: { encryptedData: { a: sealedItem(certificate, ref, 'two') } },
    });
    await cluster.secretWith(ref, { a: 'two' });
    await cluster.told(ref, 'True');
    await cluster.change('secrets', ref, { data: { a: base64('edited') } });
    assert.equal(owners(await cluster.secretWith(ref, { a: 'two' })), undefined);
    await cluster.delete('secrets', ref);
    assert.equal(owners(await cluster.secret(ref, uidOf(secret))), undefined);
  });

  test('that the reference created is not written, and adopted once it is annotated', async () => {
    const { cluster } = setup;
    const data = { a: base64('one') };
    const body = { metadata: { name: 'inherited', namespace, annotations: SKIP }, type: 'Opaque', data };
    const before = await cluster.create('secrets', body);
    const ref = await seal('inherited', { metadata: { annotations: SKIP } });
    await cluster.told(ref, 'True');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));

    // An equal Secret proves no ownership: a change is not written into it.
    await cluster.change('sealedsecrets', ref, {
      spec: { encryptedData: { a: sealedItem(certificate, ref, 'two') } },
    });
    assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));
    await cluster.change('secrets', ref, { metadata: { annotations: MANAGED } });
    const { object } = await cluster.told(ref, 'True', 20_000);
    const secret = await cluster.secretWith(ref, { a: 'two' });
    assert.equal(uidOf(secret), uidOf(before));
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...SKIP, [OWNER_UID]: uidOf(object) });
  });
});

suite('a Secret of another client without an owner', () => {
  for (const [name, annotations] of [
    ['forged', {}],
    ['forged-skip', SKIP],
  ] as const) {
    test(`is not taken by a forged status, with the template's annotations ${JSON.stringify(annotations)}`, async () => {
      const { cluster } = setup;
      const before = await theirs(name, {});
      const ref = await seal(name, { metadata: { annotations } });
      const { object } = await cluster.told(ref, 'False');
      for (const ownership of ['Status', 'Reference', 'None']) {
        await forge(ref, object, before, ownership);
        await cluster.change('sealedsecrets', ref, { metadata: { annotations: { touched: ownership } } });
        // The forged True is replaced by a reconcile that has read it.
        assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
        assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));
      }
      await cluster.change('sealedsecrets', ref, {
        spec: { encryptedData: { a: sealedItem(certificate, ref, 'two') } },
      });
      assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
      assert.deepEqual(await cluster.secret(ref), before);
    });
  }

  test('is not taken by a template that names the owner, once it may not be patched any more', async () => {
    const { cluster } = setup;
    await theirs('named', PATCH);
    const ref = await seal('named', {}, { b: 'two' });
    const { object } = await cluster.told(ref, 'True');
    const annotations = { ...SKIP, [OWNER_UID]: uidOf(object), note: 'x' };
    await cluster.change('sealedsecrets', ref, { spec: { template: { metadata: { annotations } } } });
    await cluster.told(ref, 'True');
    const patched = at(await cluster.secret(ref), 'metadata', 'annotations');
    assert.deepEqual(patched, { ...PATCH, ...SKIP, note: 'x' });

    const [patch = ''] = Object.keys(PATCH);
    const withdrawn = await cluster.change('secrets', ref, { metadata: { annotations: { [patch]: null } } });
    await cluster.told(ref, 'False', 20_000);
    await cluster.change('sealedsecrets', ref, {
      spec: { encryptedData: { b: sealedItem(certificate, ref, 'three') } },
    });
    assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(withdrawn));
  });
});

suite('a sealing key', () => {
  test('is not touched by a SealedSecret, whatever the key is annotated with', async () => {
    const { cluster } = setup;
    const [key] = await keySecrets(cluster);
    const ref = { namespace: NAMESPACE, name: nameOf(key) };
    const annotated = await cluster.change('secrets', ref, {
      metadata: { annotations: { ...PATCH, ...MANAGED } },
    });
    await cluster.create('sealedsecrets', sealedSecret(certificate, ref, { 'tls.key': 'mine' }));
    const told = await cluster.told(ref, 'False');
    assert.equal(told.reason, 'Refused');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(annotated));
    await cluster.delete('sealedsecrets', ref);
  });
});

suite('deprecated spec.data', () => {
  test('makes the Secret that it holds, under its own name', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'deprecated' };
    const whole = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' }, data: { a: base64('one') } };
    const body = sealedSecret(certificate, ref, {});
    const data = sealedItem(certificate, ref, JSON.stringify(whole));
    await cluster.create('sealedsecrets', { ...body, spec: { encryptedData: null, data } });
    await cluster.told(ref, 'True');
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'one' });
  });
});

suite('a Secret that was made by the reference', () => {
  test('with its owner and its status is not written, whatever labels others gave it', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'migrated' };
    // Not unsealed before the Secret exists: it can only be opened once it has its scope annotation.
    const sealed = sealedSecret(certificate, ref, { a: 'one' }, { scope: 'cluster-wide' });
    const object = await cluster.create('sealedsecrets', { ...sealed, metadata: { ...ref } });
    await cluster.told(ref, 'False');
    const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: ref.name };
    const ownerReferences = [{ ...owner, uid: uidOf(object), controller: true }];
    const metadata = { ...ref, ownerReferences };
    const secret = await cluster.create('secrets', { metadata, type: 'Opaque', data: { a: base64('one') } });
    const annotations = { [`${PREFIX}cluster-wide`]: 'true' };
    await cluster.change('sealedsecrets', ref, { metadata: { annotations } });
    await cluster.told(ref, 'True');
    await until('the event', async () => (await cluster.events(ref, 'Unsealed')).at(0));
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(secret));
  });
});
