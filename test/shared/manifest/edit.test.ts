import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { editDocuments } from '../../../shared/manifest/edit.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { formatDocuments } from '../../../shared/manifest/write.ts';
import type { Patch, PatchMap } from '../../../shared/manifest/splice.ts';

interface Tree {
  readonly [key: string]: string | Tree;
}

function patchOf(plain: Tree): PatchMap {
  return new Map(
    Object.entries(plain).map(([key, value]): [string, Patch] => [
      key,
      typeof value === 'string' ? value : patchOf(value),
    ]),
  );
}

/** The text with the change in its first document, or in that of another position. */
function edited(text: string, change: Tree, document = 0): string {
  const bytes = Buffer.from(text);
  const place = readDocuments(bytes, 'file')[document]?.place ?? { source: 'none' };
  return editDocuments(bytes, 'file', [{ place, patch: patchOf(change) }]);
}

const COMMENTED = `# what this is
apiVersion: bitnami.com/v1alpha1   # the group
kind: SealedSecret
metadata:
  # where it goes
  name: "db"
  namespace: 'prod'
spec:
  encryptedData:
    # the first
    password: AgOld1  # rotated monthly
    user: "AgOld2"

    token: 'AgOld3'
    # the last
  template:
    type: Opaque
# the end
`;

suite('an edit of YAML', () => {
  test('changes the value, and keeps comments, quotes and order', () => {
    const after = edited(COMMENTED, { spec: { encryptedData: { token: 'N3', password: 'N1', user: 'N2' } } });
    assert.equal(after, COMMENTED.replace('AgOld1', 'N1').replace('AgOld2', 'N2').replace('AgOld3', 'N3'));
  });

  test('puts a new key behind the last one where there is no order', () => {
    const after = edited(COMMENTED, { spec: { encryptedData: { another: 'New' } } });
    assert.equal(after, COMMENTED.replace("'AgOld3'\n", "'AgOld3'\n    another: New\n"));
  });

  test('puts new keys in order where the others are', () => {
    const text = 'spec:\n  encryptedData:\n    b: 1x # one\n    d: 2x\n';
    assert.equal(
      edited(text, { spec: { encryptedData: { e: '5', c: '3x', a: '1' } } }),
      'spec:\n  encryptedData:\n    a: "1"\n    b: 1x # one\n    c: 3x\n    d: 2x\n    e: "5"\n',
    );
  });

  const cases: [string, string, Tree, string][] = [
    [
      'a map that is missing',
      'a: {b: c}\nx:\n  p: z\n',
      { x: { m: { o: 'v' } } },
      'a: {b: c}\nx:\n  m:\n    o: v\n  p: z\n',
    ],
    ['an empty map', 'x: {} # none yet\n', { x: { m: 'v' } }, 'x:\n  m: v # none yet\n'],
    ['a map that is null', 'x:\nz: z\n', { x: { m: 'v' } }, 'x:\n  m: v\nz: z\n'],
    ['a map that is a tilde', 'x: ~\nz: z\n', { x: { m: 'v' } }, 'x:\n  m: v\nz: z\n'],
    [
      'a comment on an empty map',
      'x: # none yet\n# z\nz: z\n',
      { x: { m: 'v' } },
      'x: # none yet\n  m: v\n# z\nz: z\n',
    ],
    ['a comment on the last line', 'x: # none', { x: { m: 'v' } }, 'x: # none\n  m: v'],
    [
      'a comment on a missing value',
      'x:\n  a: # none\n  b: c\n',
      { x: { a: 'v' } },
      'x:\n  a: v # none\n  b: c\n',
    ],
    ['a key without a value in braces', 'x: {a, b: }\n', { x: { a: 'v', b: 'w' } }, 'x: {a: v, b: w}\n'],
    [
      'a key after one without a value',
      'x: {b:}\n',
      { x: { a: 'v', c: 'w' } },
      'x: {"a": "v", b: , "c": "w"}\n',
    ],
    [
      'anchors and tags',
      'x:\n  &o b: &p c\n  !!str d: !!str e\n  f: &q\n',
      { x: { a: '1st', b: '2nd', d: '3rd', e: '4th', f: '5th' } },
      'x:\n  a: 1st\n  &o b: &p 2nd\n  !!str d: !!str 3rd\n  e: 4th\n  f: &q 5th\n',
    ],
    [
      'the anchor of another value in braces',
      'x: {a: &o b}\n',
      { x: { c: 'd' } },
      'x: {a: &o b, "c": "d"}\n',
    ],
    [
      'explicit keys',
      'x:\n  ? b # b\n  : c\n  ? e\n',
      { x: { a: '1st', b: '2nd', d: '3rd' } },
      'x:\n  a: 1st\n  ? b # b\n  : 2nd\n  d: 3rd\n  ? e\n',
    ],
    [
      'brackets in the columns of their keys',
      'w: [\n]\nx: {\n  a: [b,\tc\n  ],\n  d: e\n}\nz: {\n}\n',
      { x: { d: 'v' }, z: { e: 'f' } },
      'w: [\n]\nx: {\n  a: [b,\tc\n  ],\n  d: v\n}\nz:\n  e: f\n',
    ],
    ['a value that is missing', 'x:\n  a:\n  b: c\n', { x: { a: 'v' } }, 'x:\n  a: v\n  b: c\n'],
    ['a flow map', 'x: {a: b, c: d}\n', { x: { e: 'f' } }, 'x: {a: b, c: d, "e": "f"}\n'],
    ['a value in a flow map', 'x: {a: b, c: d}\n', { x: { a: 'f, g' } }, 'x: {a: "f, g", c: d}\n'],
    ['no line break at the end', 'x:\n  a: b', { x: { c: 'd' } }, 'x:\n  a: b\n  c: d'],
    [
      'Windows lines',
      'x:\r\n  a: b\r\n  d: e\r\n',
      { x: { c: 'd' } },
      'x:\r\n  a: b\r\n  c: d\r\n  d: e\r\n',
    ],
    [
      'a folded block',
      'x:\n  a: >-\n    Ag\n    Old\n  b: c\n',
      { x: { a: 'New' } },
      'x:\n  a: >-\n    New\n  b: c\n',
    ],
    [
      'a literal block',
      'x:\n  a: | # long\n    Ag\n    Old\n  b: c\n',
      { x: { a: 'New' } },
      'x:\n  a: |- # long\n    New\n  b: c\n',
    ],
    ['a block at the end', 'x:\n  a: |\n    Old\n', { x: { b: 'New' } }, 'x:\n  a: |\n    Old\n  b: New\n'],
    [
      'text of several lines',
      'x:\n  a: b\n',
      { x: { c: 'l1\nl2\n' } },
      'x:\n  a: b\n  c: |\n    l1\n    l2\n',
    ],
    ['a field in another letter case', 'X:\n  a: b\n', { x: { a: 'c' } }, 'X:\n  a: c\n'],
    [
      'a key that reads as something else',
      'x:\n  a: b\n',
      { x: { on: 'yes' } },
      'x:\n  a: b\n  "on": "yes"\n',
    ],
    [
      'names that JavaScript knows',
      'x:\n  a: b\n',
      { x: { ['__proto__']: 'p', constructor: 'c' } },
      'x:\n  __proto__: p\n  a: b\n  constructor: c\n',
    ],
    [
      'a document mark',
      '--- # first\nx:\n  a: b\n...\n',
      { x: { c: 'd' } },
      '--- # first\nx:\n  a: b\n  c: d\n...\n',
    ],
    ['a byte order mark', '\ufeffx:\n  a: b\n', { x: { a: 'c' } }, '\ufeffx:\n  a: c\n'],
    ['an anchor that nobody uses', 'x:\n  a: &old b\n', { x: { a: 'c' } }, 'x:\n  a: &old c\n'],
    [
      'a merge key',
      'o: &o {a: b}\nx:\n  <<: *o\n  c: d\n',
      { x: { a: 'v' } },
      'o: &o {a: b}\nx:\n  <<: *o\n  a: v\n  c: d\n',
    ],
  ];
  for (const [what, text, change, wanted] of cases) {
    test(`leaves ${what} readable`, () => assert.equal(edited(text, change), wanted));
  }

  test('finds its document among others, and the item of a List', () => {
    const text = `# one\n---\n---\nx:\n  a: b\n---\nkind: List\nitems:\n- x:\n    a: b\n- x: # here\n    a: b\n`;
    assert.equal(edited(text, { x: { a: 'c' } }, 0), text.replace('a: b', 'a: c'));
    assert.equal(edited(text, { x: { a: 'c' } }, 2), text.replace(/a: b\n$/, 'a: c\n'));
  });

  test('takes several edits of one document, of which the last one wins', () => {
    const text = 'x:\n  a: b\n';
    const place = { source: 'file' };
    const edits = [{ x: { a: '1st', c: '1st' } }, { x: { d: '2nd' } }, { x: { a: '3rd' }, z: { e: '3rd' } }];
    const patches = edits.map((change) => ({ place, patch: patchOf(change) }));
    assert.equal(
      editDocuments(Buffer.from(text), 'file', patches),
      'x:\n  a: 3rd\n  c: 1st\n  d: 2nd\nz:\n  e: 3rd\n',
    );
  });

  for (const [what, text] of [
    ['an alias to a map', 'o: &o {a: b}\nx: *o\n'],
    ['an anchor that is used elsewhere', 'x:\n  a: &o b\nz: *o\n'],
    ['an alias to a value', 'o: &o b\nx:\n  a: *o\n'],
  ] as const) {
    test(`is refused where it would change more: ${what}`, () => {
      assert.throws(
        () => edited(text, { x: { a: 'c' } }),
        /^SealedSecretsError: file cannot be edited in place/,
      );
    });
  }
});

suite('an edit of JSON', () => {
  test('keeps the layout', () => {
    const text = '{\n    "x": {\n        "a": "b",\n        "c": "d"\n    },\n    "y": [1, 2]\n}\n';
    assert.equal(
      edited(text, { x: { a: 'n', b: 'm', e: 'f' }, z: { q: 'r' } }),
      '{\n    "x": {\n        "a": "n",\n        "b": "m",\n        "c": "d",\n        "e": "f"\n    },\n    "y": [1, 2],\n    "z": {\n      "q": "r"\n    }\n}\n',
    );
  });

  test('keeps one line one line, and other documents as they are', () => {
    const text = '{"x":{"a":"b"}}{"x":{}}\n{"x":null}';
    assert.equal(edited(text, { x: { c: 'd' } }, 0), '{"x":{"a":"b", "c":"d"}}{"x":{}}\n{"x":null}');
    const filled = '{"c":"d"}';
    assert.equal(edited(text, { x: { c: 'd' } }, 1), text.replace('"x":{}', `"x": ${filled}`));
    assert.equal(edited(text, { x: { c: 'd' } }, 2), text.replace('null', ` ${filled}`));
  });
});

test('any edit of any file that we write is exact, and leaves every other line', () => {
  const key = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9._-]{1,8}$/),
    fc.constantFrom('on', '1', '__proto__', 'null'),
  );
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.constantFrom('yes', '', ' x', 'a\nb', '0x1'),
  );
  const strings = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true });
  const object = fc.record(
    {
      metadata: fc.record({ name: key }),
      spec: fc.record({ encryptedData: strings, template: fc.record({ data: strings }) }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(object, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('json', 'yaml'),
      strings,
      strings,
      fc.nat(2),
      (objects, format, items, labels, at) => {
        const present = objects.filter((each) => Object.keys(each).length > 0);
        fc.pre(present.length > 0);
        const text = formatDocuments(JSON.parse(JSON.stringify(present)) as never, format);
        const change = { spec: { encryptedData: items, template: { metadata: { labels } } } };
        // It compares the result itself, and throws.
        const after = edited(text, change, at % present.length);
        const expected: unknown = present.map((each, i) =>
          i === at % present.length ? merged(each, change) : each,
        );
        assert.deepEqual(
          JSON.parse(
            JSON.stringify(readDocuments(Buffer.from(after), 'f').map((document) => document.value)),
          ),
          JSON.parse(JSON.stringify(expected)),
        );
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

function merged(into: object, change: object): object {
  const result = new Map(Object.entries(into) as [string, unknown][]);
  for (const [key, value] of Object.entries(change) as [string, unknown][]) {
    result.set(key, typeof value === 'object' && value ? merged(result.get(key) ?? {}, value) : value);
  }
  return Object.fromEntries(result);
}
