import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('conflicts');
});

async function seal(name: string, template: object = {}): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }, { template }));
  return ref;
}

async function foreign(name: string, more: object = {}): Promise<unknown> {
  const data = { a: Buffer.from('theirs').toString('base64') };
  return setup.cluster.create('secrets', { metadata: { name, namespace, ...more }, data });
}

/** Waits until a new SealedSecret, created after all changes before this call, is unsealed. */
async function later(name: string): Promise<void> {
  await setup.cluster.told(await seal(name), 'True');
}

function notManaged(name: string): string {
  return `Resource "${name}" already exists and is not managed by SealedSecret`;
}

suite('a Secret that the SealedSecret does not own', () => {
  test('is not changed, is reported, and is replaced once it is deleted', async () => {
    const { cluster } = setup;
    const before = await foreign('foreign');
    const ref = await seal('foreign');
    const told = await cluster.told(ref, 'False');
    assert.equal(told.message, `failed update: ${notManaged('foreign')}`);
    assert.equal(told.reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));
    const reason = 'ErrUpdateFailed';
    assert.deepEqual(await cluster.events(ref, reason), [
      { type: 'Warning', reason, message: notManaged('foreign'), component: 'sealed-secrets' },
    ]);

    await cluster.delete('secrets', ref);
    assert.deepEqual(itemsOf(await cluster.secretWith(ref, { a: 'one' })), { a: 'one' });
    assert.equal((await cluster.told(ref, 'True')).message, '');
  });

  test('stays so, with any other controller and any form of ownership', async () => {
    const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'owned' };
    const uid = '11111111-2222-3333-4444-555555555555';
    const { cluster } = setup;
    const before = await foreign('owned', { ownerReferences: [{ ...owner, uid, controller: true }] });
    const ref = await seal('owned');
    const { object } = await cluster.told(ref, 'False');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));

    // An owner that does not control: anyone can add such an owner.
    const ownerReferences = [{ ...owner, uid: uidOf(object), controller: false }];
    const second = await cluster.change('secrets', ref, { metadata: { ownerReferences } });
    await later('after-owned');
    assert.equal((await cluster.told(ref, 'False')).reason, 'NotManaged');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(second));
  });

  test('belongs to a SealedSecret of the same name that was deleted and recreated', async () => {
    const { cluster } = setup;
    const ref = await seal('remade');
    await cluster.told(ref, 'True');
    const secret = await cluster.secret(ref);
    await cluster.delete('sealedsecrets', ref);
    await seal('remade');
    const told = await cluster.told(ref, 'False');
    assert.equal(told.message, `failed update: ${notManaged('remade')}`);
    assert.notEqual(uidOf(told.object), at(secret, 'metadata', 'ownerReferences', 0, 'uid'));
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(secret));
  });
});

suite('a Secret that cannot be updated to the desired state', () => {
  test('is reported if its type would change, and recreated once deleted', async () => {
    const { cluster } = setup;
    const ref = await seal('retyped');
    await cluster.told(ref, 'True');
    const before = await cluster.secret(ref);
    await cluster.change('sealedsecrets', ref, { spec: { template: { type: 'example.com/other' } } });
    const told = await cluster.told(ref, 'False');
    const message = `Error updating ${namespace}/retyped: the type of a Secret cannot change; delete it and the controller recreates it`;
    assert.equal(told.message, message);
    assert.equal(told.reason, 'Immutable');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));
    const event = (await cluster.events(ref, 'ErrUpdateFailed')).find(({ type }) => type === 'Warning');
    assert.equal(event?.message, message);

    await cluster.delete('secrets', ref);
    await cluster.told(ref, 'True');
    assert.equal(at(await cluster.secret(ref), 'type'), 'example.com/other');
  });

  test('is reported if it is immutable, and recreated once deleted', async () => {
    const { cluster } = setup;
    const ref = await seal('fixed', { immutable: true });
    await cluster.told(ref, 'True');
    const before = await cluster.secret(ref);
    assert.equal(at(before, 'immutable'), true);
    const b = sealedItem(certificate, ref, 'two');
    await cluster.change('sealedsecrets', ref, { spec: { encryptedData: { b } } });
    const told = await cluster.told(ref, 'False');
    assert.equal(
      told.message,
      `Error updating ${namespace}/fixed: the target Secret is immutable; delete it and the controller recreates it`,
    );
    assert.equal(told.reason, 'Immutable');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));

    await cluster.delete('secrets', ref);
    await cluster.told(ref, 'True');
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'one', b: 'two' });
  });

  test('becomes immutable with its last change when the template is edited', async () => {
    const { cluster } = setup;
    const ref = await seal('frozen');
    await cluster.told(ref, 'True');
    const before = await cluster.secret(ref);
    const a = sealedItem(certificate, ref, 'two');
    const spec = { template: { immutable: true }, encryptedData: { a } };
    await cluster.change('sealedsecrets', ref, { spec });
    await cluster.told(ref, 'True');
    const secret = await cluster.secret(ref);
    assert.equal(uidOf(secret), uidOf(before));
    assert.equal(at(secret, 'immutable'), true);
    assert.deepEqual(itemsOf(secret), { a: 'two' });
  });

  test('stays unchanged while its SealedSecret is invalid, and follows it once that is fixed', async () => {
    const { cluster } = setup;
    const ref = await seal('spoilt');
    const good = await cluster.told(ref, 'True');
    const before = await cluster.secret(ref);
    await cluster.change('sealedsecrets', ref, { spec: { encryptedData: { a: 'AAAA' } } });
    const told = await cluster.told(ref, 'False');
    assert.equal(told.reason, 'InvalidData');
    assert.deepEqual(told.applied, good.applied, 'what was applied last still is');
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));

    const a = sealedItem(certificate, ref, 'mended');
    await cluster.change('sealedsecrets', ref, { spec: { encryptedData: { a } } });
    await cluster.told(ref, 'True');
    assert.deepEqual(itemsOf(await cluster.secret(ref)), { a: 'mended' });
  });
});

suite('a SealedSecret that is being deleted', () => {
  const finalizers = ['example.com/slow'];

  test('creates no Secret', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'leaving' };
    const body = sealedSecret(certificate, ref, { a: 'one' });
    const bad = { ...body, spec: { ...body.spec, encryptedData: { a: 'AAAA' } } };
    await cluster.create('sealedsecrets', { ...bad, metadata: { ...bad.metadata, finalizers } });
    await cluster.told(ref, 'False');
    await cluster.delete('sealedsecrets', ref);
    await cluster.change('sealedsecrets', ref, { spec: body.spec });
    await later('after-leaving');
    assert.equal(await cluster.get('secrets', ref), undefined);
  });

  test('does not recreate its Secret when that is deleted too', async () => {
    const { cluster } = setup;
    const ref = await seal('left');
    await cluster.told(ref, 'True');
    await cluster.change('sealedsecrets', ref, { metadata: { finalizers } });
    await cluster.delete('sealedsecrets', ref);
    await cluster.delete('secrets', ref);
    await later('after-left');
    assert.equal(await cluster.get('secrets', ref), undefined);
  });
});

suite('a SealedSecret that is deleted during its reconcile', () => {
  test('is not a failure', async () => {
    const { cluster } = setup;
    const names = Array.from({ length: 40 }, (_, index) => `brief-${index}`);
    await Promise.all(
      names.map(async (name) => {
        const ref = await seal(name);
        while ((await cluster.get('secrets', ref)) === undefined) continue;
        await cluster.delete('sealedsecrets', ref);
      }),
    );
    await later('after-brief');
    assert.deepEqual(
      controller.log.filter(({ level, line }) => level === 'error' && line.includes('brief-')),
      [],
    );
  });
});
