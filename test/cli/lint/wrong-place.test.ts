import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MASK } from '../../../cli/lint/placeholders.ts';
import { wrongPlace } from '../../../cli/lint/rules/wrong-place.ts';
import { CLUSTER_WIDE, NAMESPACE_WIDE, SEALING_RECORD } from '../../../shared/api/annotations.ts';
import { destination, linesIn, problemsIn, sealedObject, type SealedObject } from './sealed-lint.ts';

async function changed(
  change: (object: SealedObject) => void,
  ...sealing: Parameters<typeof sealedObject>
): Promise<readonly string[]> {
  const object = await sealedObject(...sealing);
  change(object);
  return linesIn(wrongPlace, object);
}

suite('a SealedSecret with a sealing record is in the wrong place (S002)', () => {
  test('never where it was sealed for', async () => {
    for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const)
      assert.deepEqual(await changed(() => undefined, { scope }), []);
  });

  test('if it has another name', async () => {
    assert.deepEqual(await changed(({ metadata }) => (metadata.name = 'api')), [
      'error metadata.name: it was sealed for shop/db, not for shop/api',
    ]);
  });

  test('if it has another namespace', async () => {
    assert.deepEqual(await changed(({ metadata }) => (metadata.namespace = 'prod')), [
      'error metadata.namespace: it was sealed for shop/db, not for prod/db',
    ]);
  });

  test('if it has another name than a long one, which the record has as a digest', async () => {
    const name = 'n'.repeat(200);
    assert.deepEqual(await changed(() => undefined, { name }), []);
    assert.deepEqual(await changed(({ metadata }) => (metadata.name = 'api'), { name }), [
      'error metadata.name: it was sealed for another name or namespace, not for shop/api',
    ]);
    assert.deepEqual(await changed(({ metadata }) => delete metadata.namespace, { name }), []);
  });

  test('if it has another scope', async () => {
    assert.deepEqual(await changed(({ metadata }) => (metadata.annotations[CLUSTER_WIDE] = 'true')), [
      `error metadata.annotations["${CLUSTER_WIDE}"]: ` +
        'it was sealed with the scope strict, and the SealedSecret has the scope cluster-wide',
    ]);
    const wide = await changed(({ metadata }) => (metadata.annotations[NAMESPACE_WIDE] = 'false'), {
      scope: 'namespace-wide',
    });
    assert.deepEqual(wide, [
      `error metadata.annotations["${NAMESPACE_WIDE}"]: it was sealed with the scope namespace-wide, ` +
        'and the SealedSecret has the scope strict',
    ]);
  });

  test('only as far as its scope needs the place', async () => {
    const move = ({ metadata }: SealedObject): void => {
      metadata.name = 'api';
      metadata.namespace = 'prod';
    };
    assert.deepEqual(await changed(move, { scope: 'namespace-wide' }), [
      'error metadata.namespace: it was sealed for the namespace shop, not for the namespace prod',
    ]);
    assert.deepEqual(await changed(move, { scope: 'cluster-wide' }), []);
  });

  test('not if the file leaves out the namespace, or a placeholder stands for the name', async () => {
    assert.deepEqual(await changed(({ metadata }) => delete metadata.namespace), []);
    for (const name of [`${MASK.repeat(9)}-db`, '${NAME}'])
      assert.deepEqual(await changed(({ metadata }) => (metadata.name = name)), []);
    const masked = MASK.repeat(12);
    assert.deepEqual(await changed(({ metadata }) => (metadata.annotations[CLUSTER_WIDE] = masked)), []);
  });

  test('in part, if some items come from another object', async () => {
    const other = await sealedObject({ name: 'other', items: { token: 'canary' } });
    const object = await sealedObject();
    object.spec.encryptedData['token'] = other.spec.encryptedData['token'] ?? '';
    const [text, more] = [object, other].map(({ metadata }) => metadata.annotations[SEALING_RECORD] ?? '');
    const merged = { v: 1, sealed: [text, more].flatMap((each) => groupsOf(each ?? '')) };
    object.metadata.annotations[SEALING_RECORD] = JSON.stringify(merged);
    assert.deepEqual(await linesIn(wrongPlace, object), [
      'error spec.encryptedData.token: the item "token" was sealed for shop/other, not for shop/db',
    ]);
  });

  test('not if an item was renamed, which changes nothing', async () => {
    const rename = ({ spec }: SealedObject): void => {
      spec.encryptedData = Object.fromEntries(
        Object.entries(spec.encryptedData).map(([item, value]) => [`${item}-new`, value]),
      );
    };
    assert.deepEqual(await changed(rename), []);
  });

  test('not as stale entries say, which speak of other ciphertexts', async () => {
    const other = await sealedObject({ name: 'other' });
    const object = await sealedObject();
    object.metadata.annotations[SEALING_RECORD] = other.metadata.annotations[SEALING_RECORD] ?? '';
    assert.deepEqual(await linesIn(wrongPlace, object), []);
  });
});

function groupsOf(record: string): readonly unknown[] {
  return (JSON.parse(record) as { readonly sealed: readonly unknown[] }).sealed;
}

suite('a SealedSecret that a tool moves is in the wrong place (S002)', () => {
  const by = 'prod/kustomization.yaml moves it to';

  for (const record of [true, false]) {
    const how = record ? 'with a record' : 'without a record';
    test(`if its name or namespace changes, ${how}`, async () => {
      const object = await sealedObject({ record });
      const found = (name: string, namespace: string): Promise<readonly string[]> =>
        linesIn(wrongPlace, object, { destinations: [destination(name, namespace)] });
      assert.deepEqual(await found('prod-db', 'shop'), [
        `error metadata.name: it was sealed for shop/db, and ${by} shop/prod-db`,
      ]);
      assert.deepEqual(await found('db', 'prod'), [
        `error metadata.namespace: it was sealed for shop/db, and ${by} prod/db`,
      ]);
      assert.deepEqual(await found('db', 'shop'), []);
    });

    test(`not if only a namespace is added that it did not have, ${how}`, async () => {
      const object = await sealedObject({ record });
      delete object.metadata.namespace;
      const destinations = [destination('db', 'shop')];
      assert.deepEqual(await linesIn(wrongPlace, object, { destinations }), []);
    });

    test(`not as far as its scope allows it, ${how}`, async () => {
      const destinations = [destination('prod-db', 'prod')];
      const wide = await sealedObject({ record, scope: 'cluster-wide' });
      assert.deepEqual(await linesIn(wrongPlace, wide, { destinations }), []);
      const inNamespace = await sealedObject({ record, scope: 'namespace-wide' });
      assert.deepEqual(await linesIn(wrongPlace, inNamespace, { destinations }), [
        `error metadata.namespace: it was sealed for the namespace shop, and ${by} the namespace prod`,
      ]);
    });
  }

  test('not if it was sealed for the place where it ends up', async () => {
    const object = await sealedObject({ name: 'prod-db' });
    object.metadata.name = 'db';
    const destinations = [destination('prod-db', 'shop')];
    assert.deepEqual(await linesIn(wrongPlace, object, { destinations }), []);
  });

  test('if the added namespace is not the recorded one', async () => {
    const object = await sealedObject();
    delete object.metadata.namespace;
    assert.deepEqual(await linesIn(wrongPlace, object, { destinations: [destination('db', 'prod')] }), [
      `error metadata.name: it was sealed for shop/db, and ${by} prod/db`,
    ]);
  });

  test('once for each tool that moves it', async () => {
    const destinations = [destination('a', 'shop'), destination('db', 'shop'), destination('b', 'shop')];
    assert.equal((await linesIn(wrongPlace, await sealedObject(), { destinations })).length, 2);
  });

  test('at most twenty times, however many tools move it', async () => {
    const destinations = Array.from({ length: 1000 }, (_, index) => destination(`db-${index}`, 'shop'));
    assert.equal((await linesIn(wrongPlace, await sealedObject(), { destinations })).length, 20);
  });
});

suite('the rule about the wrong place (S002)', () => {
  test('leaves out what may be a value from names, and escapes them', async () => {
    const object = await sealedObject();
    object.metadata.name = 'api:canary\u001b[2J';
    const [problem, ...more] = await problemsIn(wrongPlace, object);
    assert.deepEqual(more, []);
    assert.equal(problem?.message, 'it was sealed for shop/db, not for shop/api:…');
    assert.ok(!JSON.stringify(problem).includes('canary'));
  });

  test('finds nothing in other kinds, in malformed objects, and without a name', async () => {
    for (const value of [
      { kind: 'ConfigMap', metadata: { name: 'x' } },
      { kind: 'SealedSecret', apiVersion: 'bitnami.com/v1alpha1', metadata: [] },
      { kind: 'SealedSecret', apiVersion: 'bitnami.com/v1alpha1' },
    ])
      assert.deepEqual(await linesIn(wrongPlace, value, { destinations: [destination('a', 'b')] }), []);
    assert.deepEqual(await changed(({ metadata }) => delete metadata.name), []);
  });
});
