import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { invalidName } from '../../../cli/lint/rules/invalid-name.ts';
import { MASK } from '../../../cli/lint/placeholders.ts';
import { linesFor, SEALED, sealedYaml } from './rule-on.ts';

function named(...metadata: readonly string[]): Promise<readonly string[]> {
  return linesFor(invalidName, sealedYaml({ metadata }));
}

function withItems(...items: readonly string[]): Promise<readonly string[]> {
  const spec = ['encryptedData:', ...items.map((item) => `  ${item}: ${SEALED}`)];
  return linesFor(invalidName, sealedYaml({ spec }));
}

suite('S014 on the names of a SealedSecret', () => {
  test('reports a name and a namespace that Kubernetes refuses', async () => {
    assert.deepEqual(await named('name: My_DB', 'namespace: shop.eu'), [
      'S014 error metadata.name: Kubernetes refuses the name "My_DB"',
      'S014 error metadata.namespace: Kubernetes refuses the namespace "shop.eu"',
    ]);
  });

  test('accepts names at the limit of their length, and reports longer ones', async () => {
    const long = 'a'.repeat(253);
    assert.deepEqual(await named(`name: ${long}`, `namespace: ${long.slice(0, 63)}`), []);
    assert.equal((await named(`name: ${long}a`, `namespace: ${long.slice(0, 64)}`)).length, 2);
  });

  test('accepts a prefix of a name with a dash or a number at its end', async () => {
    assert.deepEqual(await named('generateName: db-'), []);
    assert.deepEqual(await named('generateName: db.v1-'), []);
    assert.deepEqual(await named('generateName: DB-'), [
      'S014 error metadata.generateName: Kubernetes refuses the generateName "DB-"',
    ]);
  });

  for (const placeholder of ['"${NAME}"', '"{{ .Release.Name }}-db"', `${MASK.repeat(8)}-db`]) {
    test(`accepts the placeholder ${placeholder.replaceAll(MASK, '*')}`, async () => {
      assert.deepEqual(await named(`name: ${placeholder}`, `namespace: ${placeholder}`), []);
      assert.deepEqual(await withItems(placeholder), []);
    });
  }

  test('reports items that no Secret can have', async () => {
    assert.deepEqual(await withItems('"data base"', '..data', 'db.url'), [
      'S014 error spec.encryptedData[…]: no Secret can have an item with the name "data base"',
      'S014 error spec.encryptedData["..data"]: no Secret can have an item with the name "..data"',
    ]);
  });

  test('cuts the name of an item where a value may begin', async () => {
    const text = sealedYaml({ spec: ['encryptedData: {password:hunter2: AAAA}'] });
    assert.deepEqual(await linesFor(invalidName, text), [
      'S014 error spec.encryptedData[…]: no Secret can have an item with the name "password:…"',
    ]);
  });

  test('reports items of the template, and none that the template leaves out', async () => {
    const spec = [
      `encryptedData: { "left out": ${SEALED} }`,
      'template:',
      '  data:',
      '    "left out": null',
      '    "made here": text',
    ];
    assert.deepEqual(await linesFor(invalidName, sealedYaml({ spec })), [
      'S014 error spec.template.data[…]: no Secret can have an item with the name "made here"',
    ]);
  });
});
