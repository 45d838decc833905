import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { isAlias, isMap, isScalar, parseAllDocuments, type ParsedNode } from 'yaml';
import { YamlError } from '../../../shared/manifest/yaml-error.ts';
import { parseYamlNodes } from '../../../shared/manifest/yaml-nodes.ts';
import type { Node } from '../../../shared/manifest/yaml-tree.ts';
import { parseYamlDocuments } from '../../../shared/manifest/yaml-read.ts';
import { PACKAGE } from '../../support/package.ts';

/** The path, kind, start and text of a part of a document. */
type Part = readonly [path: string, kind: string, start: number, text: string];

/** The keys, scalars, aliases and flow collections of a document. */
function partsOf(node: Node, text: string, path = ''): Part[] {
  const part = (kind: string, { start, end } = node, at = path): Part => [
    at,
    kind,
    start,
    text.slice(start, end),
  ];
  switch (node.kind) {
    case 'alias':
      return [part('alias')];
    case 'scalar':
      return [part(node.isNull ? 'null' : 'scalar')];
    case 'list':
      return [
        ...(node.isFlow ? [part('list')] : []),
        ...node.items.flatMap((item, index) => partsOf(item, text, `${path}/${index}`)),
      ];
    case 'map':
      return [
        ...(node.isFlow ? [part('map')] : []),
        ...node.pairs.flatMap(({ name = '<<', key, hasColon, value }) => [
          [`${path}/${name}`, 'key', key.start, text.slice(key.start, key.end)] as const,
          ...(hasColon ? partsOf(value, text, `${path}/${name}`) : []),
        ]),
      ];
  }
}

/** The same by the nodes of the `yaml` package, which has a parser of its own. */
function partsByLibrary(node: ParsedNode, text: string, path = ''): Part[] {
  const [start, end] = node.range;
  const part = (kind: string): Part => [path, kind, start, text.slice(start, end)];
  if (isAlias(node)) return [part('alias')];
  if (isScalar(node)) return [part(node.value === null || start === end ? 'null' : 'scalar')];
  if (isMap(node)) {
    return [
      ...(node.flow ? [part('map')] : []),
      ...node.items.flatMap(({ key, value }) => {
        const name = isScalar(key) && typeof key.value !== 'symbol' ? String(key.value) : '<<';
        return [
          [`${path}/${name}`, 'key', key.range[0], text.slice(key.range[0], key.range[1])] as const,
          ...(value === null ? [] : partsByLibrary(value, text, `${path}/${name}`)),
        ];
      }),
    ];
  }
  return [
    ...(node.flow ? [part('list')] : []),
    ...node.items.flatMap((item, index) => partsByLibrary(item, text, `${path}/${index}`)),
  ];
}

/** The parts by the library of all documents that are not empty; undefined if it refuses the text. */
function readByLibrary(text: string): Part[][] | undefined {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
    customTags: (tags) =>
      tags.filter((tag) => typeof tag !== 'string' && /:(?:map|seq|null|str|merge)$/.test(tag.tag)),
  });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
  return documents
    .map(({ contents }) => (contents === null ? [] : partsByLibrary(contents, text)))
    .filter(([first]) => first?.[1] !== 'null');
}

/** Checks that our nodes are where the library has them. Returns whether both readers accept the text. */
function isAsByLibrary(text: string): boolean {
  try {
    parseYamlDocuments(text);
  } catch (error) {
    assert.ok(error instanceof YamlError);
    return false;
  }
  const wanted = readByLibrary(text);
  if (wanted === undefined) return false;
  const parts = parseYamlNodes(text).map((node) => partsOf(node, text));
  assert.deepEqual(
    parts.filter(([first]) => first?.[1] !== 'null'),
    wanted,
    JSON.stringify(text),
  );
  return true;
}

const VALUES = [
  ...[
    '',
    'b',
    'b c',
    'b # c',
    '# c',
    '"b: \\"c"',
    "'b''c'",
    '"b" #c',
    '"a\n    b"',
    'b\n    c',
    '~',
    'null',
    '8080',
  ],
  ...['*k', '&l b', '&l', '!!str b', '!!str', '!!str null', '&l !!str b', '!<tag:yaml.org,2002:str> b'],
  ...['{}', '[]', '{a: b}', '{ a: b , c: }', '{a, c: d}', '{"a":"b"}', '{? a : b}', '{? a}', '{<<: {w: z}}'],
  ...[
    '[a: b]',
    '[x, {a: b}]',
    '[&l , b]',
    '[["]"], \'}\']',
    '{a: b, # ]}\n    c: d}',
    '{\n    a: b,\n    c: d\n  }',
  ],
  ...[
    '&l {a: b}',
    '!!map {a: b}',
    '[\n    # ]\n    a,\n  ]',
    '\n  - a\n  - b',
    '\n  - a: b\n    c: d',
    '\n  - - a\n    -\n    - b',
  ],
  ...[
    '|\n    l1\n    l2\n',
    '|-\n    l\n\n',
    '|+\n    l\n\n',
    '>-\n    l1\n    l2\n\n\n',
    '|2\n      l\n',
    '|2-\n    l',
  ],
  ...[
    '|\n    l\n      \n   \n',
    '| # |\n    l\n',
    '&l |\n    # l\n',
    '!!str >\n    l\n  # c',
    'é😀',
    '|+\n\n\n',
  ],
];
const KEYS = [
  'a',
  'b',
  'c d',
  '"e"',
  "'f'",
  '? g\n  ',
  '? h #\n  ',
  '&m i',
  '!!str j',
  '8080',
  '<<',
  '- a',
  '"on"',
];
const OTHERS = [
  '',
  '# c',
  '  # c: |',
  '    # d',
  '---',
  '...',
  'x:',
  'w:',
  'x: &o',
  'z: *k',
  '--- # d',
  '  \t',
  '- - b',
];
const STARTS = [
  '',
  'x:\n',
  'x: # c\n',
  '---\nx:\n',
  '# |\nx:\n',
  'k: &k v\nx:\n',
  '- x:\n',
  '\ufeffx:\n',
  '%TAG ! a|\n---\n',
];

const line = fc
  .tuple(
    fc.constantFrom('  ', '  ', '    ', ''),
    fc.constantFrom(...KEYS),
    fc.constantFrom(': ', ': ', ':', ' : ', ':\n    ', ':   '),
    fc.constantFrom(...VALUES),
  )
  .map((parts) => parts.join(''));
const texts = fc
  .tuple(
    fc.constantFrom(...STARTS),
    fc.array(fc.oneof({ weight: 4, arbitrary: line }, { weight: 1, arbitrary: fc.constantFrom(...OTHERS) }), {
      maxLength: 4,
    }),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\n'),
  )
  .map(([start, lines, eol, end]) => (start + lines.join('\n') + end).replaceAll('\n', eol));

suite('the positions of YAML nodes', () => {
  test('are those of the yaml package, for each style of value', () => {
    for (const value of VALUES)
      for (const eol of ['\n', '\r\n']) {
        const text = `k: &k v\nx:\n  a: ${value}\n  b: c\nz:\n- ${value.replaceAll('\n', '\n  ')}\n`;
        assert.ok(isAsByLibrary(text.replaceAll('\n', eol)), text);
      }
  });

  test('are those of the yaml package, for random texts', () => {
    let compared = 0;
    for (const text of fc.sample(texts, { seed: 1, numRuns: 4000 })) if (isAsByLibrary(text)) compared++;
    assert.ok(compared > 1000, String(compared));
  });

  test('are those of the yaml package, for the files of the examples and of the chart', () => {
    const files = ['examples', 'helm'].flatMap((folder) =>
      readdirSync(join(PACKAGE, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(PACKAGE, folder, name),
      ),
    );
    const compared = files.filter(
      (file) => file.endsWith('.yaml') && isAsByLibrary(readFileSync(file, 'utf8')),
    );
    assert.ok(compared.length > 20, String(compared.length));
  });

  test('are those in the text before the repair of a bracket in the column of its key', () => {
    const text = 'x: {\n  a: [b,\tc\n  ],\n}\nw: {\n}\nz: c\n';
    const [root] = parseYamlNodes(text);
    assert.ok(root);
    assert.deepEqual(
      partsOf(root, text).map(([path, kind, , part]) => [path, kind, part]),
      [
        ['/x', 'key', 'x'],
        ['/x', 'map', '{\n  a: [b,\tc\n  ],\n}'],
        ['/x/a', 'key', 'a'],
        ['/x/a', 'list', '[b,\tc\n  ]'],
        ['/x/a/0', 'scalar', 'b'],
        ['/x/a/1', 'scalar', 'c'],
        ['/w', 'key', 'w'],
        ['/w', 'map', '{\n}'],
        ['/z', 'key', 'z'],
        ['/z', 'scalar', 'c'],
      ],
    );
  });

  test('are found in megabytes of comments, brackets, empty lines and missing values', () => {
    const many = 200_000;
    for (const text of [
      `x: [a,\n${' # ]\n'.repeat(many)} b]\n`,
      `x: [${'[], '.repeat(many)}]\n`,
      `x: |\n  a\n${'\n'.repeat(many)}w: b\n`,
      `x: |\n  a\n\n\n${'w'.repeat(many)}: |\n  b\n`,
      `x: {${'a'.repeat(many)}, ${' '.repeat(many)}b}\n`,
      Array.from({ length: many / 4 }, (_, index) => `? a${index}\n`).join(''),
      Array.from({ length: many / 4 }, (_, index) => `a${index}: |\n\n`).join(''),
      `${' '.repeat(many)}x: {a: b}\n`,
    ]) {
      const [root] = parseYamlNodes(text);
      assert.equal(root?.kind, 'map');
    }
  });
});
