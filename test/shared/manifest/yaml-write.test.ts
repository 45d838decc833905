import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Document } from 'yaml';
import { parseYamlDocuments } from '../../../shared/manifest/yaml-read.ts';
import { formatYaml } from '../../../shared/manifest/yaml-write.ts';
import { SCALARS } from '../../support/scalars.ts';

/** What the `yaml` package writes, with the same order of keys and without folded lines. */
function byLibrary(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    schema: 'yaml-1.1',
    sortMapEntries: true,
    aliasDuplicateObjects: false,
  });
  return document.toString({ indentSeq: false, lineWidth: 0 });
}

/** Checks that a value is read back as it was. Returns whether the library writes it in the same way. */
function isAsByLibrary(value: unknown): boolean {
  const text = formatYaml(value);
  assert.deepEqual(parseYamlDocuments(text), [JSON.parse(JSON.stringify(value))], text);
  return text === byLibrary(value);
}

/** Texts that the library writes without quotes, although a reader of YAML may take them for something else. */
const QUOTED_HERE = new Set([
  ...['0o17', '0O17', '-0o7', '0X1F', '+0X1f', '0B11', '0b-1', '+_1', '0_x1', '.5_5'],
  ...['<<', '=', '---', '...'],
]);

const scalar = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 8, arbitrary: fc.stringMatching(/^[A-Za-z0-9+/=._ -]{1,8}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[ab \n\t#:"'-]{1,10}$/) },
);
const maps = fc.letrec<{ value: unknown; map: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 6, arbitrary: scalar },
    { weight: 2, arbitrary: tie('map') },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(true, false, null, 1, -1.5, 1e21, undefined) },
  ),
  map: fc.dictionary(scalar, tie('value'), { maxKeys: 3, noNullPrototype: true }),
})).map;

suite('the writer of YAML', () => {
  for (const value of [
    {
      kind: 'SealedSecret',
      metadata: { name: 'db', labels: undefined },
      spec: { encryptedData: { a: 'AgB+/w==' } },
    },
    { a: {}, b: [], c: [{}, []], d: [[['x'], 'y'], { e: ['f'], g: { h: 1 } }] },
    { a: 'x\ny', b: 'x\ny\n', c: 'x\n\n  y\n\n', d: ['x\ny\n', { e: 'x\n' }] },
    { json: '{"a": "b"}', both: `"a" 'b'`, apostrophe: "it's", empty: '' },
    { number: 1, float: 1.5, big: 1e21, yes: true, no: false, nothing: null },
    { pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
  ])
    test(`writes ${JSON.stringify(value)} as the yaml package does`, () => assert.ok(isAsByLibrary(value)));

  for (const text of SCALARS)
    test(`writes the value, and the key, ${JSON.stringify(text.slice(0, 40))} so that it is read back`, () => {
      const isSame = [{ a: text }, { a: { [text]: 'b' } }, [text]].map(isAsByLibrary);
      if (!QUOTED_HERE.has(text) && !/^\n|[\t\r\u0085\u2028\ufeff]/.test(text))
        assert.deepEqual(isSame, [true, true, true]);
    });

  test('has quotes around what only Go, or only some readers, take for something else', () => {
    for (const text of QUOTED_HERE) assert.equal(formatYaml({ a: text }), `a: "${text}"\n`);
  });

  test('writes maps and lists of such texts so that they are read back', () => {
    let same = 0;
    fc.assert(
      fc.property(maps, (map) => {
        if (isAsByLibrary(map)) same++;
      }),
      { seed: 1, numRuns: 5_000 },
    );
    assert.ok(same > 4_000, `${same} as the yaml package writes them`);
  });
});
