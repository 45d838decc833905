import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAMESPACE } from '../support/installation.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

/** Runs controllers with various flags, one after the other, each with its own namespaces. */
let certificate: Certificate;

const setup = new Setup(async () => {
  const first = await setup.installation.startReadyController();
  certificate = await first.certificate();
  await first.stop();
});

/** Runs a controller with these flags for the tests of a suite. */
function withFlags(...flags: readonly string[]): { readonly controller: () => ControllerProcess } {
  let controller: ControllerProcess | undefined;
  before(async () => {
    controller = await setup.use(setup.installation.startBareController(['--key-size', '2048', ...flags]));
    await controller.logged('sealing keys loaded');
  });
  after(async () => {
    await controller?.stop();
  });
  return {
    controller: () => {
      if (controller) return controller;
      throw new Error('not started');
    },
  };
}

interface More {
  readonly labels?: object;
  readonly template?: object;
}

async function seal(ref: Ref, { labels, template }: More = {}): Promise<Ref> {
  const body = sealedSecret(certificate, ref, { a: 'one' }, template ? { template } : {});
  const metadata = { ...body.metadata, ...(labels ? { labels } : {}) };
  await setup.cluster.create('sealedsecrets', { ...body, metadata });
  return ref;
}

/** Waits until a new SealedSecret, created after all changes before this call, is unsealed. */
async function later(ref: Ref, more: More = {}): Promise<void> {
  await setup.cluster.told(await seal(ref, more), 'True');
}

suite('with --additional-namespaces', () => {
  withFlags('--additional-namespaces=scope-b,scope-late', '--all-namespaces=true');

  test('the controller serves its own namespace, these, and one that is created later', async () => {
    const { cluster, plane } = setup;
    for (const name of ['scope-a', 'scope-b']) {
      await plane.request('POST', '/api/v1/namespaces', { metadata: { name } });
    }
    const other = await seal({ namespace: 'scope-a', name: 'x' });
    await later({ namespace: 'scope-b', name: 'x' });
    await later({ namespace: NAMESPACE, name: 'scoped' });
    await plane.request('POST', '/api/v1/namespaces', { metadata: { name: 'scope-late' } });
    await later({ namespace: 'scope-late', name: 'x' });
    assert.equal(await cluster.get('secrets', other), undefined);

    const ref = { namespace: 'scope-late', name: 'x' };
    const uid = uidOf(await cluster.secret(ref));
    await cluster.delete('secrets', ref);
    await cluster.secret(ref, uid);
  });
});

suite('with --all-namespaces=false', () => {
  withFlags('--all-namespaces=false');

  test('the controller serves only its own namespace', async () => {
    const namespace = await setup.plane.createNamespace('foreign');
    const other = await seal({ namespace, name: 'x' });
    await later({ namespace: NAMESPACE, name: 'own' });
    assert.equal(await setup.cluster.get('secrets', other), undefined);
  });
});

suite('with --label-selector', () => {
  const flags = withFlags('--label-selector=team=a', '--old-gc-behavior');
  const labels = { team: 'a' };

  test('matching SealedSecrets are unsealed, and their Secrets are recreated although they have no label', async () => {
    const { cluster } = setup;
    const namespace = await setup.plane.createNamespace('selected');
    const other = await seal({ namespace, name: 'other' }, { labels: { team: 'b' } });
    const ref = { namespace, name: 'x' };
    await later(ref, { labels });
    assert.equal(await cluster.get('secrets', other), undefined);
    const uid = uidOf(await cluster.secret(ref));
    await cluster.delete('secrets', ref);
    await cluster.secret(ref, uid);
  });

  test('a SealedSecret that loses its label is ignored, and its Secret stays', async () => {
    const { cluster } = setup;
    const namespace = await setup.plane.createNamespace('unselected');
    const ref = { namespace, name: 'x' };
    await later(ref, { labels });
    const secret = await cluster.secret(ref);
    await cluster.change('sealedsecrets', ref, { metadata: { labels: { team: null } } });
    await cluster.change('secrets', ref, { data: { a: 'ZWRpdGVk' } });
    await later({ namespace, name: 'later' }, { labels });
    const now = await cluster.secret(ref);
    assert.equal(uidOf(now), uidOf(secret));
    assert.deepEqual(itemsOf(now), { a: 'edited' }, 'nobody repairs it');
    assert.ok(!flags.controller().output.includes('Secret deleted'));
  });
});

suite('with --old-gc-behavior', () => {
  withFlags('--old-gc-behavior');

  test('only the Secret that a deleted SealedSecret controlled is deleted', async () => {
    const { cluster } = setup;
    const namespace = await setup.plane.createNamespace('collected');
    const own = { namespace, name: 'own' };
    await later(own);

    const foreign = { namespace, name: 'foreign' };
    const before = await cluster.create('secrets', { metadata: foreign, data: {} });
    await seal(foreign);
    await cluster.told(foreign, 'False');

    const patched = { namespace, name: 'patched' };
    const annotations = { 'sealedsecrets.bitnami.com/patch': 'true' };
    await cluster.create('secrets', { metadata: { ...patched, annotations }, data: {} });
    await later(patched);

    const skip = { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' };
    const ownerless = { namespace, name: 'ownerless' };
    await later(ownerless, { template: { metadata: { annotations: skip } } });

    for (const ref of [own, foreign, patched, ownerless]) await cluster.delete('sealedsecrets', ref);
    await setup.cluster.absent('secrets', own);
    await later({ namespace, name: 'later' });
    assert.equal(versionOf(await cluster.secret(foreign)), versionOf(before));
    assert.deepEqual(itemsOf(await cluster.secret(patched)), { a: 'one' });
    assert.deepEqual(itemsOf(await cluster.secret(ownerless)), { a: 'one' });
  });
});

suite('with --skip-recreate', () => {
  const flags = withFlags('--skip-recreate');

  test('a Secret is neither recreated nor repaired until its SealedSecret changes', async () => {
    const { cluster } = setup;
    const namespace = await setup.plane.createNamespace('skipping');
    const [deleted, edited] = [
      { namespace, name: 'deleted' },
      { namespace, name: 'edited' },
    ];
    await Promise.all([later(deleted), later(edited)]);
    await cluster.delete('secrets', deleted);
    await cluster.change('secrets', edited, { data: { a: 'ZWRpdGVk' } });
    await later({ namespace, name: 'later' });
    assert.equal(await cluster.get('secrets', deleted), undefined);
    assert.deepEqual(itemsOf(await cluster.secret(edited)), { a: 'edited' });
    for (const ref of [deleted, edited]) {
      const encryptedData = { a: sealedItem(certificate, ref, 'two') };
      await cluster.change('sealedsecrets', ref, { spec: { encryptedData } });
      await cluster.secretWith(ref, { a: 'two' });
    }
  });

  test('a SealedSecret still gets its Secret after a foreign one is deleted', async () => {
    const { cluster } = setup;
    const ref = { namespace: await setup.plane.createNamespace('waiting'), name: 'x' };
    await cluster.create('secrets', { metadata: ref, data: {} });
    await seal(ref);
    await cluster.told(ref, 'False');
    await cluster.delete('secrets', ref);
    await cluster.told(ref, 'True');
    assert.ok(!flags.controller().output.includes('interrupted'));
  });
});

suite('with --repair=false', () => {
  withFlags('--repair=false');

  test('edits stay until the SealedSecret changes, and a deleted Secret is recreated', async () => {
    const { cluster } = setup;
    const namespace = await setup.plane.createNamespace('unrepaired');
    const ref = { namespace, name: 'x' };
    await later(ref);
    const edited = await cluster.change('secrets', ref, { data: { a: 'ZWRpdGVk' } });
    await later({ namespace, name: 'later' });
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(edited));
    const encryptedData = { a: sealedItem(certificate, ref, 'two') };
    await cluster.change('sealedsecrets', ref, { spec: { encryptedData } });
    await cluster.secretWith(ref, { a: 'two' });
    await cluster.told(ref, 'True');
    await cluster.delete('secrets', ref);
    await cluster.secret(ref, uidOf(edited));
  });
});

suite('with --accept-deprecated-v1-data=false', () => {
  withFlags('--accept-deprecated-v1-data=false', '--allow-privileged-secret-types');

  test('spec.data is refused in the words of the reference', async () => {
    const ref = { namespace: await setup.plane.createNamespace('deprecated'), name: 'x' };
    const data = sealedItem(certificate, ref, '{}');
    const body = sealedSecret(certificate, ref, {});
    await setup.cluster.create('sealedsecrets', { ...body, spec: { encryptedData: null, data } });
    const told = await setup.cluster.told(ref, 'False');
    assert.equal(told.message, "using deprecated 'data' field, use 'encryptedData' or flip the feature flag");
    assert.equal(told.reason, 'InvalidData');
  });

  test('and with --allow-privileged-secret-types, a Secret of such a type is created', async () => {
    const ref = { namespace: await setup.plane.createNamespace('privileged'), name: 'x' };
    await later(ref, { template: { type: 'bootstrap.kubernetes.io/token' } });
    assert.deepEqual(itemsOf(await setup.cluster.secret(ref)), { a: 'one' });
  });
});
