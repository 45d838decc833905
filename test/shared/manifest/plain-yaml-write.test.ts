import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { formatPlainYaml } from '../../../shared/manifest/plain-yaml-write.ts';
import { formatAnyYaml } from '../../../shared/manifest/yaml-write.ts';
import { SCALARS } from '../../support/scalars.ts';

/** Writes the same as the library, or nothing. Tells whether it wrote something. */
function agrees(value: unknown): boolean {
  const plain = formatPlainYaml(value);
  if (plain !== undefined) assert.equal(plain, formatAnyYaml(value));
  return plain !== undefined;
}

const scalar = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 8, arbitrary: fc.stringMatching(/^[.A-Za-z][A-Za-z0-9+/=._-]{0,7}$/) },
);
const maps = fc.letrec<{ value: unknown; map: object }>((tie) => ({
  value: fc.oneof(
    { weight: 8, arbitrary: scalar },
    { weight: 2, arbitrary: tie('map') },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(true, 1, [], ['a'], undefined) },
  ),
  map: fc.dictionary(scalar, tie('value'), { maxKeys: 3, noNullPrototype: true }),
})).map;

suite('the quick writer of plain YAML', () => {
  test('writes a SealedSecret', () => {
    const metadata = { name: 'db', namespace: 'prod', labels: undefined };
    const spec = {
      template: { metadata, type: 'Opaque' },
      encryptedData: { user: 'AgB+/w==', '.x': 'AgA=' },
    };
    assert.ok(agrees({ kind: 'SealedSecret', apiVersion: 'bitnami.com/v1alpha1', metadata, spec }));
  });

  for (const text of SCALARS)
    test(`writes the value, and the key, ${JSON.stringify(text.slice(0, 40))} as the library does, or leaves it`, () => {
      agrees({ a: text });
      agrees({ a: { [text]: 'b' } });
    });

  for (const value of [
    'a',
    [],
    {},
    { a: {} },
    { a: [] },
    { a: 1 },
    { a: true },
    { a: 'b c' },
    { a: '1' },
    { a: 'on' },
  ])
    test(`leaves ${JSON.stringify(value)} to the library`, () =>
      assert.ok(formatPlainYaml(value) === undefined));

  test('agrees with the library on maps of such texts', () => {
    let written = 0;
    fc.assert(
      fc.property(maps, (map) => {
        if (agrees(map)) written++;
      }),
      { seed: 1, numRuns: 10_000 },
    );
    assert.ok(written > 300, `${written} were written`);
  });
});
