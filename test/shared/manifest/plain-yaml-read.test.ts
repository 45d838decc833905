import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parsePlainYaml } from '../../../shared/manifest/plain-yaml-read.ts';
import { YamlError } from '../../../shared/manifest/yaml-error.ts';
import { parseYamlDocuments } from '../../../shared/manifest/yaml-read.ts';
import { SCALARS } from '../../support/scalars.ts';

/** What the YAML library reads; undefined where it refuses the text. */
function byLibrary(text: string): unknown[] | undefined {
  try {
    return parseYamlDocuments(text);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

/** Gives the same as the library, or nothing. Tells whether it gave something. */
function agrees(text: string): boolean {
  const plain = parsePlainYaml(text);
  if (plain !== undefined) assert.deepEqual(plain, byLibrary(text));
  return plain !== undefined;
}

const word = fc.oneof(fc.constantFrom(...SCALARS), fc.stringMatching(/^[A-Za-z0-9+/=._ -]{1,8}$/));
const line = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom('', '', '  ', '    ', ' '), word, fc.constantFrom(': ', ': ', ':', ':  '), word)
      .map((parts) => parts.join('')),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('', '', '  '), fc.constantFrom('a', 'data', 'b.c'))
      .map(([indent, key]) => `${indent}${key}:`),
  },
  { weight: 2, arbitrary: fc.constantFrom('---', '', '  ', '# a', '  # a: b', '...', '--- a', '%YAML 1.1') },
  { weight: 1, arbitrary: word },
);

suite('the quick reader of plain YAML', () => {
  for (const text of [
    'apiVersion: v1\ndata:\n  password: aHVudGVyMg==\n  pin: "1234"\nkind: Secret\nmetadata:\n  creationTimestamp: null\n  name: db\n',
    "# a\n---\na:\n    b:\n      c: d e\n    f: true\ng: 12\n---\n\n---\na: 'b'",
    'metadata:\n  annotations:\n    a.b/c: x\n  name: y1\nimmutable: false\n',
    '.dockerconfigjson: e30=\n',
    '',
    '\n# a\n',
    '---\n---\n# a\n---\na: b\n---',
  ])
    test(`reads ${JSON.stringify(text)}`, () => assert.ok(agrees(text)));

  for (const value of SCALARS)
    test(`reads the value, and the key, ${JSON.stringify(value.slice(0, 40))} as the library does, or leaves it`, () => {
      agrees(`a: ${value}\n`);
      agrees(`a:\n  b: ${value}\n  c: d\n`);
      agrees(`${value}: a\n`);
      agrees(`${value}:\n  a: b\n`);
    });

  for (const text of [
    'a: b\na: c\n',
    'a:\n  b: c\na:\n  d: e\n',
    'a: b\n  c: d\n',
    'a:\n  b: c\n d: e\n',
    ' a: b\nc: d\n',
    'a:\nb: c\n',
    'a:\n',
    'a: b\n c\n',
    'a: b # c\n',
  ])
    test(`leaves ${JSON.stringify(text)} to the library`, () =>
      assert.ok(parsePlainYaml(text) === undefined));

  test('agrees with the library on texts of such lines', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        if (agrees(lines.join('\n'))) read++;
      }),
      { seed: 1, numRuns: 20_000 },
    );
    assert.ok(read > 1000, `${read} were read`);
  });
});
