import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OWNER_UID } from '../../shared/api/annotations.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf, uidOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

/**
 * The schema preserves unknown fields in `spec.template.metadata`. One field of a wrong type in one object makes
 * typed clients in other languages fail to decode the whole list, so that anyone who may write one SealedSecret can
 * stop the processing of all.
 */
let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('malformed');
});

/** Fields of metadata that only the API server sets, or that do not exist: in a template they have no effect. */
const NOT_READ = [
  'ownerReferences',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'uid',
  'resourceVersion',
  'generation',
  'selfLink',
  'nonsense',
];
const READ = ['labels', 'annotations', 'finalizers', 'name', 'namespace', 'generateName'];
const VALUES: readonly unknown[] = ['nope', -7, 1e300, true, [], [7], [{}], {}, { a: 7 }, { a: null }];

function withMetadata(ref: Ref, metadata: object): object {
  return sealedSecret(certificate, ref, { a: 'one' }, { template: { metadata } });
}

/** Creates one SealedSecret for each value of a field, and returns their names. */
async function withEach(field: string): Promise<Ref[]> {
  return Promise.all(
    VALUES.map(async (value, index) => {
      const ref = { namespace, name: `${field.toLowerCase()}-${index}` };
      await setup.cluster.create('sealedsecrets', withMetadata(ref, { [field]: value }));
      return ref;
    }),
  );
}

suite('metadata of a template that is not what it should be', () => {
  for (const field of NOT_READ) {
    test(`has no effect in ${field}`, async () => {
      const { cluster } = setup;
      for (const ref of await withEach(field)) {
        const { object } = await cluster.told(ref, 'True');
        const secret = await cluster.secret(ref);
        assert.deepEqual(itemsOf(secret), { a: 'one' });
        assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(object));
        assert.equal(at(secret, 'metadata', 'ownerReferences', 1), undefined);
        assert.equal(at(secret, 'metadata', 'deletionTimestamp'), undefined);
      }
    });
  }

  for (const field of READ) {
    test(`fails its own object, or none, in ${field}`, async () => {
      const { cluster } = setup;
      for (const [index, ref] of (await withEach(field)).entries()) {
        const told = await cluster.told(ref, 'any');
        const secret = await cluster.get('secrets', ref);
        assert.equal(
          secret === undefined,
          told.status === 'False',
          `${field} ${JSON.stringify(VALUES[index])}`,
        );
        if (told.status === 'False')
          assert.ok(told.message.includes(`template.metadata.${field}`), told.message);
      }
    });
  }

  test('has no effect but for labels, annotations and finalizers, however right it is', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'copied' };
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'uid-1', controller: true };
    const copied = {
      labels: { app: 'shop' },
      annotations: { 'example.com/a': 'b' },
      finalizers: ['example.com/kept'],
    };
    const more = { name: 'other', namespace: 'kube-system', generateName: 'x-', ownerReferences: [owner] };
    await cluster.create('sealedsecrets', withMetadata(ref, { ...copied, ...more }));
    await cluster.told(ref, 'True');
    const secret = await cluster.secret(ref);
    const uid = at(secret, 'metadata', 'ownerReferences', 0, 'uid');
    const annotations = { ...copied.annotations, [OWNER_UID]: uid };
    for (const [field, value] of Object.entries({ ...copied, annotations })) {
      assert.deepEqual(at(secret, 'metadata', field), value, field);
    }
    assert.equal(at(secret, 'metadata', 'generateName'), undefined);
    assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'kind'), 'SealedSecret');
    assert.equal(at(secret, 'metadata', 'ownerReferences', 1), undefined);
  });

  test('held up nobody: another SealedSecret is unsealed at once', async () => {
    const ref = { namespace, name: 'good' };
    await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
    await setup.cluster.told(ref, 'True', 20_000);
    assert.deepEqual(
      controller.log.filter(({ message }) => /interrupted|failed to (read|reconcile)|crashed/.test(message)),
      [],
    );
  });
});

suite('names that every JavaScript object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'];
  const items = Object.fromEntries(names.map((name) => [name, `the item ${name}`]));

  test('are items like any other', async () => {
    const ref = { namespace, name: 'inherited-items' };
    await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items));
    await setup.cluster.told(ref, 'True');
    assert.deepEqual(
      Object.entries(itemsOf(await setup.cluster.secret(ref))).sort(),
      Object.entries(items).sort(),
    );
  });

  test('are labels and annotations like any other, and give no scope', async () => {
    const ref = { namespace, name: 'inherited-labels' };
    const metadata = { labels: { constructor: 'x' }, annotations: { toString: 'y', valueOf: 'z' } };
    await setup.cluster.create('sealedsecrets', withMetadata(ref, metadata));
    await setup.cluster.told(ref, 'True');
    const secret = await setup.cluster.secret(ref);
    assert.deepEqual(at(secret, 'metadata', 'labels'), metadata.labels);
    const uid = at(secret, 'metadata', 'ownerReferences', 0, 'uid');
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { ...metadata.annotations, [OWNER_UID]: uid });

    const planted = { ...ref, name: 'inherited-scope' };
    const scope = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const body = sealedSecret(certificate, planted, { a: 'one' }, { scope: 'cluster-wide' });
    const template = { metadata: Object.fromEntries([['__proto__', { annotations: scope }]]) };
    const spec = { ...body.spec, template };
    await setup.cluster.create('sealedsecrets', { ...body, metadata: { ...planted }, spec });
    assert.equal((await setup.cluster.told(planted, 'False')).reason, 'WrongScope');
  });
});
