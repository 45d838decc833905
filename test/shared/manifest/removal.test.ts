import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { editDocuments } from '../../../shared/manifest/edit.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { REMOVED, type Patch, type PatchMap } from '../../../shared/manifest/splice.ts';
import { formatDocuments } from '../../../shared/manifest/write.ts';

/** What to change: a text to set, null for a key to remove. */
interface Change {
  readonly [key: string]: string | null | Change;
}

function patchOf(change: Change): PatchMap {
  return new Map(
    Object.entries(change).map(([key, value]): [string, Patch] => [
      key,
      value === null ? REMOVED : typeof value === 'string' ? value : patchOf(value),
    ]),
  );
}

/** The text with the change in its first document, or in that of another position. */
function edited(text: string, change: Change, document = 0): string {
  const bytes = Buffer.from(text);
  const place = readDocuments(bytes, 'file')[document]?.place ?? { source: 'none' };
  return editDocuments(bytes, 'file', [{ place, patch: patchOf(change) }]);
}

function isRefused(text: string, change: Change): void {
  assert.throws(() => edited(text, change), /^SealedSecretsError: file cannot be edited in place/);
}

const COMMENTED = `# what this is
kind: SealedSecret
spec:
  encryptedData:
    # the first
    password: AgOld1  # rotated monthly
    user: "AgOld2"

    # the owner of the token
    # changes often
    token: 'AgOld3'
    # the last
  template:
    type: Opaque
# the end
`;

suite('the removal of a key from YAML', () => {
  const items = (change: Change): string => edited(COMMENTED, { spec: { encryptedData: change } });

  test('takes its line, the comment on it and the comment above it', () => {
    const lines = '    # the first\n    password: AgOld1  # rotated monthly\n';
    assert.equal(items({ password: null }), COMMENTED.replace(lines, ''));
  });

  test('keeps the comment below it, the empty line above it, and its neighbours', () => {
    const lines = "    # the owner of the token\n    # changes often\n    token: 'AgOld3'\n";
    assert.equal(items({ token: null }), COMMENTED.replace(lines, ''));
  });

  test('leaves an empty map of the last keys, and the comments that belong to none', () => {
    assert.equal(
      items({ password: null, user: null, token: null }),
      `# what this is
kind: SealedSecret
spec:
  encryptedData: {}

    # the last
  template:
    type: Opaque
# the end
`,
    );
  });

  test('goes together with new keys and new values', () => {
    const lines = "    # the owner of the token\n    # changes often\n    token: 'AgOld3'\n";
    assert.equal(
      items({ token: null, user: 'New2', another: 'New4' }),
      COMMENTED.replace('AgOld2', 'New2').replace(lines, '    another: New4\n'),
    );
  });

  test('replaces every key by a new one', () => {
    assert.equal(
      edited('x:\n  b: c # b\n  d: e\nz: z\n', { x: { b: null, c: 'new', d: null } }),
      'x:\n  c: new\nz: z\n',
    );
  });

  const cases: [string, string, Change, string][] = [
    ['the first key', 'x:\n  a: b\n  c: d\n', { x: { a: null } }, 'x:\n  c: d\n'],
    ['the last key', 'x:\n  a: b\n  c: d\nz: z\n', { x: { c: null } }, 'x:\n  a: b\nz: z\n'],
    ['neighbours', 'x:\n  a: b\n  c: d\n  e: f\n', { x: { a: null, c: null } }, 'x:\n  e: f\n'],
    ['the only key', 'x: # none left\n  a: b\nz: z\n', { x: { a: null } }, 'x: {} # none left\nz: z\n'],
    [
      'a comment of another indentation',
      'x:\n# a\n  a: b\n  c: d\n',
      { x: { a: null } },
      'x:\n# a\n  c: d\n',
    ],
    ['no line break at the end', 'x:\n  a: b\n  c: d', { x: { c: null } }, 'x:\n  a: b'],
    ['the only key without a line break', 'x:\n  a: b', { x: { a: null } }, 'x: {}'],
    ['Windows lines', 'x:\r\n  a: b\r\n  # d\r\n  d: e\r\n', { x: { d: null } }, 'x:\r\n  a: b\r\n'],
    ['the only key of Windows lines', 'x:\r\n  a: b\r\nz: z', { x: { a: null } }, 'x: {}\r\nz: z'],
    ['Windows lines without a last one', 'x:\r\n  a: b\r\n  c: d', { x: { c: null } }, 'x:\r\n  a: b'],
    ['a literal block', 'x:\n  a: |\n    # l\n    m\n\n  c: d\n', { x: { a: null } }, 'x:\n\n  c: d\n'],
    ['a block that keeps lines', 'x:\n  a: |+\n    l\n\n  c: d\n', { x: { a: null } }, 'x:\n  c: d\n'],
    ['a folded block', 'x:\n  a: >-\n    l\n    m\n  c: d\n', { x: { a: null } }, 'x:\n  c: d\n'],
    ['a block before it', 'x:\n  a: |\n    # l\n  c: d\n', { x: { c: null } }, 'x:\n  a: |\n    # l\n'],
    ['a text of two lines', 'x:\n  a: "l\n    # m"\n  c: d\n', { x: { c: null } }, 'x:\n  a: "l\n    # m"\n'],
    ['an empty value', 'x:\n  a: # none\n  c: d\n', { x: { a: null } }, 'x:\n  c: d\n'],
    ['a map with its keys', 'x:\n  a:\n    b: c\n    d: e # e\n  f: g\n', { x: { a: null } }, 'x:\n  f: g\n'],
    ['a list', 'x:\n  a:\n  - b\n  - c\n  f: g\n', { x: { a: null } }, 'x:\n  f: g\n'],
    ['a flow map', 'x: {a: b, c: d, e: f}\n', { x: { c: null } }, 'x: {a: b, e: f}\n'],
    ['the first key of a flow map', 'x: {a: b, c: d}\n', { x: { a: null } }, 'x: {c: d}\n'],
    ['the last key of a flow map', 'x: {a: b, c: d, }\n', { x: { c: null } }, 'x: {a: b, }\n'],
    ['the last keys of a flow map', 'x: {a: b, c: d, e: f}\n', { x: { c: null, e: null } }, 'x: {a: b}\n'],
    ['a key without a value in braces', 'x: {a: b, c: , d}\n', { x: { c: null, d: null } }, 'x: {a: b}\n'],
    ['all keys of a flow map', 'x: { a: b, c: d }\n', { x: { a: null, c: null } }, 'x: {}\n'],
    ['a quoted key', 'x:\n  "a": b\n  c: d\n', { x: { a: null } }, 'x:\n  c: d\n'],
    ['keys that differ in letter case', 'x:\n  a: b\n  A: d\n', { x: { A: null } }, 'x:\n  a: b\n'],
    ['a field in another letter case', 'X:\n  a: b\n  c: d\n', { x: { a: null } }, 'X:\n  c: d\n'],
    ['an anchor that nobody uses', 'x:\n  a: &old b\n  c: d\n', { x: { a: null } }, 'x:\n  c: d\n'],
    ['a document mark', '---\nx:\n  a: b\n...\n', { x: { a: null } }, '---\nx: {}\n...\n'],
    ['a byte order mark', '\ufeffx:\n  a: b\n  c: d\n', { x: { a: null } }, '\ufeffx:\n  c: d\n'],
    [
      'an explicit key',
      'x:\n  ? a\n  : b\n  ? c\n  : d\n',
      { x: { c: 'new' } },
      'x:\n  ? a\n  : b\n  ? c\n  : new\n',
    ],
  ];
  for (const [what, text, change, wanted] of cases) {
    test(`leaves the rest as it is: ${what}`, () => assert.equal(edited(text, change), wanted));
  }

  test('finds its document among others, and the item of a List', () => {
    const text = 'x:\n  a: b\n  c: d\n---\nkind: List\nitems:\n- x:\n    a: b\n    c: d\n- x: {a: b}\n';
    assert.equal(edited(text, { x: { a: null } }, 0), text.replace('  a: b\n', ''));
    assert.equal(edited(text, { x: { a: null } }, 1), text.replace('    a: b\n', ''));
    assert.equal(edited(text, { x: { a: null } }, 2), text.replace('{a: b}', '{}'));
  });

  test('takes the first key of an item of a List with its comma or dash', () => {
    assert.equal(edited('kind: List\nitems:\n- a: b\n  c: d\n', { a: null }), 'kind: List\nitems:\n- c: d\n');
  });

  test('of several edits, the last one wins', () => {
    const bytes = Buffer.from('x:\n  a: b\n  c: d\n');
    const place = { source: 'file' };
    const edits = (...changes: Change[]): string =>
      editDocuments(
        bytes,
        'file',
        changes.map((change) => ({ place, patch: patchOf(change) })),
      );
    assert.equal(edits({ x: { a: null } }, { x: { a: 'new' } }), 'x:\n  a: new\n  c: d\n');
    assert.equal(edits({ x: { a: 'new' } }, { x: { a: null } }), 'x:\n  c: d\n');
  });
});

suite('the removal of a key is refused', () => {
  for (const [what, text, change] of [
    ['an anchor that is used elsewhere', 'x:\n  a: &o b\nz: *o\n', { x: { a: null } }],
    ['a second anchor of the same name', 'x:\n  b: &o b\n  a: &o c\nz: *o\n', { x: { a: null } }],
    ['an alias to the map', 'o: &o {a: b}\nx: *o\n', { x: { a: null } }],
    ['a map that others use', 'x: &o {a: b, c: d}\nz: *o\n', { x: { a: null } }],
    ['a key of a merge', 'o: &o {a: b}\nx:\n  <<: *o\n  c: d\n', { x: { a: null } }],
    ['a key that shows a merged one', 'o: &o {a: b}\nx:\n  <<: *o\n  a: d\n', { x: { a: null } }],
    ['a key that is not there', 'x:\n  a: b\n', { x: { c: null } }],
    ['a map that is not there', 'x:\n  a: b\n', { y: { c: null } }],
    ['a text in place of the map', 'x: a\n', { x: { a: null } }],
    ['a comment inside of a flow map', 'x: {a: b, # first\n  c: d}\n', { x: { a: null } }],
    ['the only key of an explicit key', 'x:\n  ? a\n  : b\n', { x: { a: null } }],
    ['a key with an anchor', 'x:\n  &o a: b\n  c: d\n', { x: { a: null, b: 'new' } }],
    ['a map with an anchor', 'x: &o\n  a: b\n', { x: { a: null } }],
  ] as const) {
    test(`where it would change more: ${what}`, () => isRefused(text, change));
  }
});

suite('the removal of a key from JSON', () => {
  const text =
    '{\n    "x": {\n        "a": "b",\n        "c": "d",\n        "e": "f"\n    },\n    "y": [1, 2]\n}\n';

  test('keeps the layout', () => {
    assert.equal(edited(text, { x: { a: null } }), text.replace('"a": "b",\n        ', ''));
    assert.equal(edited(text, { x: { c: null } }), text.replace('"c": "d",\n        ', ''));
    assert.equal(edited(text, { x: { e: null } }), text.replace(',\n        "e": "f"', ''));
    assert.equal(
      edited(text, { x: { a: null, e: null } }),
      '{\n    "x": {\n        "c": "d"\n    },\n    "y": [1, 2]\n}\n',
    );
    assert.equal(edited(text, { x: { a: null, c: null, e: null } }), '{\n    "x": {},\n    "y": [1, 2]\n}\n');
  });

  test('keeps texts that look like comments', () => {
    assert.equal(edited('{"x":{"a":"#b","c":"# d"}}', { x: { c: null } }), '{"x":{"a":"#b"}}');
  });

  test('keeps one line one line, and other documents as they are', () => {
    const several = '{"x":{"a":"b","c":"d"}}{"x":{"a":"b"}}\n';
    assert.equal(edited(several, { x: { a: null } }, 0), '{"x":{"c":"d"}}{"x":{"a":"b"}}\n');
    assert.equal(edited(several, { x: { a: null } }, 1), '{"x":{"a":"b","c":"d"}}{"x":{}}\n');
  });
});

test('any removal from any file that we write is exact, also together with new keys', () => {
  const key = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9._-]{1,8}$/),
    fc.constantFrom('on', '1', '__proto__', 'null'),
  );
  const value = fc.oneof(fc.base64String(), fc.constantFrom('yes', '', ' x', 'a\nb', '# c'));
  const options = { maxKeys: 5, noNullPrototype: true };
  const strings = fc.dictionary(key, value, options);
  const present = fc.dictionary(key, fc.oneof(value, fc.constantFrom('a\n\n', '\n')), options);
  fc.assert(
    fc.property(
      fc.record({ encryptedData: present, more: strings }),
      fc.constantFrom('json', 'yaml'),
      fc.array(fc.nat(4), { maxLength: 5 }),
      strings,
      (spec, format, removed, added) => {
        const before = Object.entries(spec.encryptedData);
        const names = removed.flatMap((index) => before[index]?.[0] ?? []);
        const text = formatDocuments([JSON.parse(JSON.stringify({ spec })) as never], format);
        const change = new Map<string, Patch>([
          ...Object.entries(added),
          ...names.map((name): [string, Patch] => [name, REMOVED]),
        ]);
        fc.pre(change.size > 0);
        const patch = new Map([['spec', new Map([['encryptedData', change]])]]);
        // It compares the result itself, and throws.
        const after = editDocuments(Buffer.from(text), 'f', [{ place: { source: 'f' }, patch }]);
        const wanted = new Map([...before, ...Object.entries(added)]);
        for (const name of names) wanted.delete(name);
        assert.deepEqual(
          JSON.parse(JSON.stringify(readDocuments(Buffer.from(after), 'f')[0]?.value)),
          JSON.parse(JSON.stringify({ spec: { ...spec, encryptedData: Object.fromEntries(wanted) } })),
        );
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
