import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('deep');
});

const PLACEHOLDER = '"the deep place"';

/** Builds the text by hand, because JSON.stringify would overflow the stack with so many levels. */
async function create(ref: Ref, body: object, levels: number): Promise<void> {
  const text = JSON.stringify(body).replace(PLACEHOLDER, '{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${ref.namespace}/sealedsecrets`;
  const { status, body: answer } = await setup.plane.request('POST', path, text);
  assert.equal(status, 201, String(at(answer, 'message')));
}

function withMetadata(ref: Ref): object {
  const template = { metadata: { nonsense: JSON.parse(PLACEHOLDER) as unknown } };
  return sealedSecret(certificate, ref, { a: 'one' }, { template });
}

function withItem(ref: Ref): object {
  const body = sealedSecret(certificate, ref, { a: 'one' });
  return { ...body, spec: { ...body.spec, encryptedData: { a: JSON.parse(PLACEHOLDER) as unknown } } };
}

suite('a SealedSecret of many levels', () => {
  const deep: [string, (ref: Ref) => object, number][] = [
    ['9,000 levels in the metadata of its template', withMetadata, 9_000],
    ['101 levels in the metadata of its template', withMetadata, 101],
    ['9,000 levels in an item', withItem, 9_000],
  ];
  for (const [index, [what, body, levels]] of deep.entries()) {
    test(`(${what}) says so in its status`, async () => {
      const ref = { namespace, name: `deep-${index}` };
      await create(ref, body(ref), levels);
      const told = await setup.cluster.told(ref, 'False');
      assert.equal(told.reason, 'InvalidData');
      assert.equal(told.message, `SealedSecret ${namespace}/${ref.name}: spec: nesting deeper than 100`);
      assert.equal((await setup.cluster.events(ref, 'ErrUnsealFailed')).length, 1);
      assert.equal(await setup.cluster.get('secrets', ref), undefined);
    });
  }

  test('is unsealed with some levels', async () => {
    const ref = { namespace, name: 'shallow' };
    await create(ref, withMetadata(ref), 50);
    await setup.cluster.told(ref, 'True');
  });

  test('holds up nobody', async () => {
    const ref = { namespace, name: 'good' };
    await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
    await setup.cluster.told(ref, 'True');
    assert.deepEqual(
      controller.log.filter(({ message }) =>
        /interrupted|failed to (read|reconcile|update)|crashed/.test(message),
      ),
      [],
    );
  });
});

suite('a write of the status', () => {
  test('leaves everything else of the object as it was', async () => {
    const { cluster } = setup;
    const ref = { namespace, name: 'whole' };
    const good = sealedSecret(
      certificate,
      ref,
      { a: 'one' },
      { template: { metadata: { labels: { b: 'c' } } } },
    );
    const body = {
      ...good,
      metadata: {
        ...good.metadata,
        labels: { team: 'shop' },
        annotations: { ...good.metadata.annotations, 'example.com/note': 'kept' },
        finalizers: ['example.com/kept'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'uid-1' }],
      },
    };
    const before = await cluster.create('sealedsecrets', body);
    const { object } = await cluster.told(ref, 'True');
    assert.deepEqual(at(object, 'spec'), at(before, 'spec'));
    const changing = ['resourceVersion', 'managedFields'];
    const kept = (of: unknown): object =>
      Object.fromEntries(
        Object.entries(at(of, 'metadata') as object).filter(([field]) => !changing.includes(field)),
      );
    assert.deepEqual(kept(object), kept(before));
    const writes = listAt(object, 'metadata', 'managedFields');
    assert.ok(writes.some((write) => at(write, 'subresource') === 'status'));
    await cluster.change('sealedsecrets', ref, { metadata: { finalizers: null } });
  });
});
