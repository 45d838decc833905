import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parsePostedObject } from '../../../controller/server/posted.ts';
import { isTooDeep, MAX_DEPTH } from '../../../shared/api/depth.ts';
import { parseStoredSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { Failure, SealedSecretsError } from '../../../shared/errors.ts';
import { objectFailure } from '../../../shared/api/errors.ts';
import { parseKubeconfig } from '../../../shared/kubernetes/auth/kubeconfig/parse.ts';
import { jsonSpans } from '../../../shared/manifest/json-read.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { parseYamlNodes } from '../../../shared/manifest/yaml-nodes.ts';

/** What is said where a text is refused, or undefined. Anything but our own error ends the test. */
function refusal(
  text: string,
  read: (bytes: Buffer) => unknown = (bytes) => readDocuments(bytes, 'f'),
): string | undefined {
  try {
    read(Buffer.from(text));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof SealedSecretsError, String(error));
    return error.message;
  }
}

/** So many maps or lists, one in the other. */
const FORMS: Readonly<Record<string, (levels: number) => string>> = {
  'JSON lists': (levels) => '['.repeat(levels) + ']'.repeat(levels),
  'JSON maps': (levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
  'JSON lists that do not end': (levels) => '['.repeat(levels),
  'YAML flow lists': (levels) => `- ${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}`,
  'YAML flow maps': (levels) => `a: ${'{a: '.repeat(levels - 1)}1${'}'.repeat(levels - 1)}`,
  'YAML flow maps that do not end': (levels) => `a: ${'{a: '.repeat(levels - 1)}`,
  'YAML block lists': (levels) => `${'- '.repeat(levels)}1`,
  'YAML block maps': (levels) => {
    // Indentation makes the text grow with the square of the levels.
    const shown = Math.min(levels, 2_000);
    return (
      Array.from({ length: shown }, (_, level) => `${' '.repeat(level)}a:\n`).join('') +
      `${' '.repeat(shown)} x`
    );
  },
  'YAML keys that are maps': (levels) => `${'? '.repeat(levels)}1`,
  'JSON maps with comments': (levels) => `# comment\n${'{"a": '.repeat(levels)}1${'}'.repeat(levels)}`,
};

suite('a document of many levels', () => {
  for (const [form, make] of Object.entries(FORMS)) {
    const isWhole = !/do not end|keys/.test(form);
    for (const levels of [10, 100]) {
      test(`is read with ${levels} levels of ${form}`, () => {
        const said = refusal(make(levels));
        if (isWhole) assert.equal(said, undefined);
        else assert.doesNotMatch(said ?? '', /deeper/);
      });
    }
    for (const levels of [101, 9_000, 1_000_000]) {
      test(`is refused at a place with ${levels} levels of ${form}`, () => {
        assert.match(
          refusal(make(levels)) ?? '',
          /^f: neither JSON nor YAML: nesting deeper than 100 at line \d+, column \d+$/,
        );
      });
    }
  }

  test('is refused with the line of the level that is too many', () => {
    const text = `a: 1\nb:\n  ${'['.repeat(200)}`;
    assert.match(refusal(text) ?? '', /nesting deeper than 100 at line 3, column 102$/);
  });

  test('is refused in a second document, and in an item of a List', () => {
    const deep = '['.repeat(101) + ']'.repeat(101);
    assert.match(refusal(`{}\n{"a": ${deep}}`) ?? '', /nesting deeper than 100 at line 2/);
    assert.match(
      refusal(`kind: List\nitems:\n- {}\n- a: ${deep}\n`) ?? '',
      /nesting deeper than 100 at line 4/,
    );
  });

  test('is refused as ten MiB of brackets', () => {
    for (const bracket of ['[', '{', '- ', '{"a":', '[{']) {
      assert.match(
        refusal(bracket.repeat((10 * 1024 * 1024) / bracket.length)) ?? '',
        /neither JSON nor YAML/,
      );
    }
  });

  test('is refused by the readers that keep places', () => {
    assert.throws(() => jsonSpans('['.repeat(1_000_000)), /nesting deeper than 100/);
    assert.throws(() => parseYamlNodes('- '.repeat(1_000_000)), /nesting deeper than 100/);
  });

  test('is refused as a kubeconfig, and as the body of a request', () => {
    const deep = '['.repeat(9_000) + ']'.repeat(9_000);
    const extension = `{"clusters": [{"name": "a", "cluster": {"extensions": ${deep}}}]}`;
    assert.match(refusal(extension, (bytes) => parseKubeconfig(bytes, 'f')) ?? '', /nesting deeper than 100/);
    const body = `{"kind": "SealedSecret", "metadata": {"name": "db"}, "spec": {"template": {"metadata": ${deep}}}}`;
    assert.equal(parsePostedObject(Buffer.from(body)), null);
    assert.notEqual(parsePostedObject(Buffer.from(body.replace(deep, '{}'))), null);
  });
});

suite('an object of the API server', () => {
  const object = (inner: string): unknown =>
    JSON.parse(
      `{"metadata": {"name": "db", "namespace": "ns", "uid": "1", "resourceVersion": "1"}, "spec": {"template": {"metadata": ${inner}}}}`,
    );
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  test(`is a failure of its own where its spec is deeper than ${MAX_DEPTH} levels`, () => {
    for (const [levels, isRefused] of [
      [10, false],
      [97, false],
      [98, true],
      [9_000, true],
      [1_000_000, true],
    ] as const) {
      const inner = `{"nonsense": ${nested(levels)}}`;
      const { sealed, metadata } = parseStoredSealedSecret(object(inner), { source: 'SealedSecret ns/db' });
      assert.equal(metadata.name, 'db');
      assert.deepEqual(
        sealed,
        isRefused ? objectFailure({ code: 'DeepNesting', at: 'SealedSecret ns/db: spec', max: 100 }) : sealed,
      );
      assert.equal(sealed instanceof Failure, isRefused, String(levels));
    }
  });

  test('is measured without a stack', () => {
    assert.deepEqual(
      [0, 1, 100, 101, 1_000_000].map((levels) => isTooDeep(levels === 0 ? 'x' : JSON.parse(nested(levels)))),
      [false, false, false, true, true],
    );
  });
});

suite('aliases', () => {
  const cycles: [string, string, RegExp][] = [
    [
      'a list that holds itself',
      'x: 1\ny: &a [*a]',
      /an alias refers to a value that contains it at line 2, column 8$/,
    ],
    ['a map that holds itself', 'a: &a\n  b:\n    c: *a\n', /a value that contains it at line 3, column 8$/],
    [
      'a map that is merged into itself',
      'a: &a\n  <<: *a\n',
      /a value that contains it at line 2, column 7$/,
    ],
    [
      'a list of merges with itself',
      'a: &a\n  <<: [*a, *a]\n',
      /a value that contains it at line 2, column 8$/,
    ],
    [
      'two that hold each other',
      'a: &a {b: &b {c: *a}}\nd: *b\n',
      /a value that contains it at line 1, column 18$/,
    ],
    ['a whole document', '&a\nb: *a\n', /a value that contains it at line 2, column 4$/],
    ['a key', 'a: &a\n  ? *a\n  : 1\n', /a value that contains it at line 2/],
  ];
  for (const [what, text, words] of cycles) {
    test(`of ${what} are refused with their line`, () => assert.match(refusal(text) ?? '', words));
  }

  test('of what is not there, or comes later, are refused with their line', () => {
    assert.match(refusal('a: 1\nb: *c\n') ?? '', /unknown alias at line 2, column 4$/);
    assert.match(refusal('a: *b\nb: &b 1\n') ?? '', /unknown alias at line 1, column 4$/);
  });

  test('are read, in the order of their anchors', () => {
    const [document] = readDocuments(
      Buffer.from('a: &x 1\nb: *x\nc: &x {d: 2}\ne: *x\nf: {<<: *x, g: 3}\n'),
      'f',
    );
    assert.deepEqual(JSON.parse(JSON.stringify(document?.value)), {
      a: 1,
      b: 1,
      c: { d: 2 },
      e: { d: 2 },
      f: { d: 2, g: 3 },
    });
  });

  test('are counted as often as others repeat them', () => {
    const times = (count: number): string =>
      `a: &a 1\nb: [${Array.from({ length: count }, () => '*a').join(', ')}]`;
    assert.equal(refusal(times(1000)), undefined);
    assert.match(refusal(times(1001)) ?? '', /aliases expand to too much at line 2/);
    const doubled = (levels: number): string =>
      [
        'a0: &a0 1',
        ...Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
      ].join('\n');
    assert.equal(refusal(doubled(7)), undefined);
    assert.match(refusal(doubled(8)) ?? '', /aliases expand to too much at line/);
    assert.match(refusal(doubled(10_000)) ?? '', /aliases expand to too much at line/);
  });

  test('may stand for 16 MiB of text in all, over all documents', () => {
    const half = 'x'.repeat(8 * 1024 * 1024 - 1);
    assert.equal(refusal(`a: &a ${half}\nb: *a\nc: *a\n`), undefined);
    assert.match(
      refusal(`a: &a ${half}\nb: *a\nc: *a\nd: *a\n`) ?? '',
      /aliases expand to too much at line 4/,
    );
    const piece = 'x'.repeat(200_000);
    const document = `a: &a ${piece}\nb: [${Array.from({ length: 50 }, () => '*a').join(', ')}]\n---\n`;
    assert.equal(refusal(document), undefined);
    assert.match(refusal(document.repeat(2)) ?? '', /aliases expand to too much at line 5/);
  });

  test('that add up to too many levels are refused with the line of the first', () => {
    const chain = (links: number, levels: number): string =>
      Array.from({ length: links }, (_, i) => {
        const inner = i === 0 ? '1' : `*a${i - 1}`;
        return `a${i}: &a${i} ${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
      }).join('\n');
    assert.equal(refusal(chain(3, 33)), undefined);
    assert.match(refusal(chain(4, 33)) ?? '', /nesting deeper than 100 at line 4, column \d+$/);
    assert.match(refusal(chain(10, 90)) ?? '', /nesting deeper than 100 at line 2, column \d+$/);
  });
});
