import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { utf8Text } from '../../shared/bytes.ts';
import { changesBetween, isUnchanged } from '../../cli/editing/buffer-changes.ts';
import { formatBuffer, parseBuffer, type BufferItems } from '../../cli/editing/buffer-text.ts';
import { YamlError } from '../../shared/manifest/yaml-error.ts';

const NONE = new Set<string>();
/** Characters that YAML treats in a special way. */
const ODD = ' \t\n\r#:-\'"<>|&*!%@`{}[],?~\\0ay=.\ufeff\u2028\u0085';

function shown(items: BufferItems | undefined): unknown {
  return (
    items && Object.fromEntries([...items].map(([item, value]) => [item, (value && utf8Text(value)) ?? null]))
  );
}

suite('a buffer of items', () => {
  test('reads back what it shows, whatever the values are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom(...ODD.split('')),
        maxLength: 12,
      }),
      fc.constantFrom('<sealed>', 'null', '~', 'true', '0x10', '1e3', '2020-01-01', '', '!!binary x', '# x'),
    );
    const value = fc.oneof(
      fc.constant(undefined),
      text.map((each) => Buffer.from(each)),
      fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
    );
    const name = fc.string({
      unit: fc.constantFrom(...'abcXYZ019-_.'.split('')),
      minLength: 1,
      maxLength: 20,
    });
    const odd = fc.constantFrom('__proto__', 'null', 'true', '0123', '<<', '<sealed>', 'y');
    const items = fc.dictionary(fc.oneof({ weight: 5, arbitrary: name }, odd), value, { maxKeys: 6 });
    fc.assert(
      fc.property(items, (each) => {
        const before: BufferItems = new Map(Object.entries(each));
        const after = parseBuffer(formatBuffer(['a comment', '', '# another'], before), before);
        assert.ok(after);
        assert.deepEqual(after, before);
        assert.ok(isUnchanged(changesBetween(before, after)));
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });

  const read: [string, string, unknown][] = [
    [
      'plain words',
      'a: 8080\nb: true\nc: ~\nd: 0x1F\ne: 2020-01-01\nf: on',
      { a: '8080', b: 'true', c: '~', d: '0x1F', e: '2020-01-01', f: 'on' },
    ],
    ['nothing behind the colon', 'a:\nb: ""', { a: '', b: '' }],
    ['lines', 'a: |\n  one\n  two\nb: |-\n  x\n', { a: 'one\ntwo\n', b: 'x' }],
    ['lines that end as on Windows', 'a: |\r\n  one\r\n  two\r\nb: x\r\n', { a: 'one\ntwo\n', b: 'x' }],
    ['quotes', "a: \"# \\u00e9\"\nb: 'it''s: #' # why\n", { a: '# é', b: "it's: #" }],
    ['base64', 'a: !!binary PHNlYWxlZD4=\nb: !!binary |\n  AA\n  ==\n', { a: '<sealed>', b: '\0' }],
    ['text of any look', 'a: !!str 12\n', { a: '12' }],
    ['braces', '{a: b, "c": "d"}', { a: 'b', c: 'd' }],
    ['no items at all', '# all gone\n{}\n', {}],
    ['comments alone', '# x\n\n', undefined],
    ['nothing', '', undefined],
    ['a mark of a document', '---\na: b\n', { a: 'b' }],
    ['a mark of a document alone', '---\n', undefined],
  ];
  for (const [what, text, items] of read)
    test(`reads ${what}`, () => assert.deepEqual(shown(parseBuffer(text, NONE)), items));

  const refused: [string, string, string][] = [
    [
      'a value cut at its comment',
      'a: b\npw: abc #def\n',
      '2:5: put the value of "pw" in quotes, since YAML ends it before #',
    ],
    ['an alias', 'pw: *abc\n', '1:5: anchors and aliases are not allowed'],
    ['an anchor', 'pw: &abc\n', '1:5: anchors and aliases are not allowed'],
    ['a tag', 'pw: !abc\n', '1:5: put the value of "pw" in quotes, since it begins with !'],
    [
      'a tag of another kind',
      'pw: !!int 3\n',
      '1:5: put the value of "pw" in quotes, since it begins with !',
    ],
    ['no base64', 'pw: !!binary a*b\n', '1:5: the value of "pw" is not base64'],
    ['a map', 'a: b\npw:\n  x: y\n', '2:1: the value of "pw" is not text: put it in quotes, or behind |'],
    ['a list', 'pw: [a]\n', '1:1: the value of "pw" is not text: put it in quotes, or behind |'],
    ['text alone', 'hunter2\n', '1:1: expected items and their values, as in KEY: VALUE'],
    ['a list of items', '- a: b\n', '1:1: expected items and their values, as in KEY: VALUE'],
    ['an item twice', 'a: b\na: c\n', '2:1: the item "a" is there twice'],
    [
      'a name that is none',
      'a/b: c\n',
      '1:1: not a name of an item: it may have letters, digits, "-", "_" and "."',
    ],
    [
      'a value beside the name',
      '{password:hunter2}',
      '1:2: not a name of an item: it may have letters, digits, "-", "_" and "."',
    ],
    [
      'a new item without a value',
      'a: <sealed>\n',
      '1:4: the new item "a" has no value: nothing is sealed for it yet',
    ],
    ['two documents', 'a: b\n---\nc: d\n', '3:1: expected one document without ---'],
  ];
  for (const [what, text, message] of refused)
    test(`refuses ${what}`, () => {
      assert.throws(
        () => parseBuffer(text, NONE),
        (error) => {
          assert.ok(error instanceof YamlError);
          assert.equal(`${error.line}:${error.column}: ${error.message}`, message);
          return true;
        },
      );
    });

  test('quotes no value in an error of the parser', () => {
    for (const text of [
      'pw: "hunter2\n',
      'pw: hunter2: x\n',
      'pw: @hunter2\n',
      "pw: 'a'hunter2\n",
      'a: b\n\tpw: hunter2\n',
    ]) {
      assert.throws(
        () => parseBuffer(text, NONE),
        (error) => error instanceof YamlError && !error.message.includes('hunter2'),
        text,
      );
    }
  });

  test('tells replaced, added and removed items from untouched ones', () => {
    const before: BufferItems = new Map([
      ['same', Buffer.from('1')],
      ['hidden', undefined],
      ['gone', undefined],
      ['new value', Buffer.from('2')],
      ['seen', undefined],
      ['hidden again', Buffer.from('3')],
    ]);
    const after: BufferItems = new Map([
      ['hidden', undefined],
      ['same', Buffer.from('1')],
      ['new value', Buffer.from('3')],
      ['seen', Buffer.from('4')],
      ['more', Buffer.from('5')],
      ['hidden again', undefined],
    ]);
    const { replaced, added, removed, untouched } = changesBetween(before, after);
    assert.deepEqual(
      [[...replaced.keys()], [...added.keys()], removed, untouched],
      [['new value', 'seen'], ['more'], ['gone'], 3],
    );
  });
});
