import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { generatedName } from '../../../cli/lint/rules/generated-name.ts';
import { linesFor, sealedYaml } from './rule-on.ts';

const NAMESPACE_WIDE = ['annotations:', '  sealedsecrets.bitnami.com/namespace-wide: "true"'];

suite('S008 on the name of a SealedSecret', () => {
  test('reports a generated name of a strict one', async () => {
    const text = sealedYaml({ metadata: ['generateName: db-', 'namespace: shop'] });
    assert.deepEqual(await linesFor(generatedName, text), [
      'S008 error metadata.generateName: the name is generated, and strict values unseal only under the name that ' +
        'they were sealed for',
    ]);
  });

  test('accepts a name beside it, which counts', async () => {
    const text = sealedYaml({ metadata: ['name: db', 'generateName: db-', 'namespace: shop'] });
    assert.deepEqual(await linesFor(generatedName, text), []);
  });

  test('accepts scopes that bind no name', async () => {
    const metadata = ['generateName: db-', 'namespace: shop', ...NAMESPACE_WIDE];
    assert.deepEqual(await linesFor(generatedName, sealedYaml({ metadata })), []);
  });

  test('reports a scope annotation without effect as strict', async () => {
    const metadata = ['generateName: db-', ...NAMESPACE_WIDE.map((line) => line.replace('"true"', '"True"'))];
    assert.equal((await linesFor(generatedName, sealedYaml({ metadata }))).length, 1);
  });

  test('accepts a scope that a placeholder decides', async () => {
    const metadata = ['generateName: db-', ...NAMESPACE_WIDE.map((line) => line.replace('true', '${WIDE}'))];
    assert.deepEqual(await linesFor(generatedName, sealedYaml({ metadata })), []);
  });
});
