import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf, versionOf } from '../support/cluster.ts';
import { NAMESPACE } from '../support/installation.ts';
import { keySecrets, nameOf } from '../support/key-secret.ts';
import { base64 } from '../support/objects.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const PREFIX = 'sealedsecrets.bitnami.com/';
const MANAGED = { [`${PREFIX}managed`]: 'true' };
const PATCH = { [`${PREFIX}patch`]: 'true' };
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

suite('an existing Secret', () => {
  test('with the annotation managed is taken over as a whole, and recreated when it is deleted', async () => {
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
});

suite('a sealing key', () => {
  test('is not changed by a SealedSecret, whatever annotations the key has', async () => {
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

suite('a Secret that the reference created', () => {
  test('with its owner and status is not written, whatever labels others added', async () => {
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
