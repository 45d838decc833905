import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, suite, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { editDocuments } from '../../shared/manifest/edit.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { formatDocuments, type Format } from '../../shared/manifest/write.ts';
import { SCALARS } from '../support/scalars.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { buildGoReader, findPython, readWithGo, readWithPython } from './readers.ts';

const folder = temporaryFolder();
const BEYOND = [0x10000, 0x1d173, 0x1f600, 0x1fffe, 0x1ffff, 0xe0001, 0xe0020, 0xf0000, 0x10fffd, 0x10ffff];
/** Characters that all readers treat like the letter beside them: many of them share a text. */
const SHOWN = /[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Co}\p{Cn}]/u;
const IN_A_TEXT = 16;
/** No reader treats a character beyond these as more than a letter, wherever it stands. */
const POSITIONS_MATTER = /[\0-\xff\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u;

/** Texts that hold every code point of the Basic Multilingual Plane and some beyond, by a name for each. */
function everyCodePoint(): Map<string, string> {
  const texts = new Map<string, string>();
  let letters = '';
  const flush = (): void => {
    if (letters !== '') texts.set(`letters ${texts.size}`, letters);
    letters = '';
  };
  for (const code of [...Array(0x10000).keys(), ...BEYOND]) {
    const character = String.fromCodePoint(code);
    if (code > 0xff && SHOWN.test(character) && !/\p{Noncharacter_Code_Point}/u.test(character)) {
      letters += character;
      if (letters.length >= IN_A_TEXT) flush();
      continue;
    }
    const name = code.toString(16);
    texts.set(`${name} within`, `a${character}b`);
    if (!POSITIONS_MATTER.test(character)) continue;
    texts.set(`${name} alone`, character);
    texts.set(`${name} first`, `${character}a`);
    texts.set(`${name} last`, `a${character}`);
    texts.set(`${name} in lines`, `a\n${character}b\nc${character}\n`);
  }
  flush();
  for (const [index, text] of SCALARS.entries()) texts.set(`scalar ${index}`, text);
  return texts;
}

/** Small maps: the time to read one grows with the square of its keys. */
const KEYS_IN_A_MAP = 100;
/** YAML has no longer keys without a mark, and JSON has no mark. */
const MAX_KEY = 1000;

type Maps = Record<string, Record<string, string>>;

/** Each text as a value and as a key. Halves of surrogate pairs become one character, so they need more in a key. */
function mapsOf(texts: ReadonlyMap<string, string>): Maps {
  const maps: Maps = {};
  for (const [index, [name, text]] of [...texts].entries()) {
    const map = (maps[`map${Math.floor(index / KEYS_IN_A_MAP)}`] ??= {});
    map[name] = text;
    if (text.length < MAX_KEY && text !== '__proto__')
      map[text.isWellFormed() ? text : `${name} ${text}`] = name;
  }
  return maps;
}

const MAPS = mapsOf(everyCodePoint());
const EXPECTED = Object.entries(MAPS).map(
  ([name, map]) =>
    [
      name,
      new Map(Object.entries(map).map(([key, text]) => [key.toWellFormed(), text.toWellFormed()])),
    ] as const,
);
const FORMATS: readonly Format[] = ['json', 'yaml'];

/** The same texts, put into a file that is there. */
function editedText(format: Format): string {
  const start = formatDocuments([{ first: { a: 'b' } }], format);
  const [document] = readDocuments(Buffer.from(start), 'f');
  assert.ok(document);
  return editDocuments(Buffer.from(start), 'f', [{ place: document.place, patch: new Map(EXPECTED) }]);
}

function check(values: readonly unknown[]): void {
  assert.equal(values.length, 2 * FORMATS.length);
  for (const value of values) {
    const maps = fieldsOf(value);
    for (const [name, wanted] of EXPECTED) assert.deepEqual(fieldsOf(maps.get(name)), wanted);
  }
}

function fieldsOf(value: unknown): Map<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null);
  return new Map<string, unknown>(Object.entries(value));
}

suite('every code point, as key and as value, reads as it was written', () => {
  const files: string[] = [];
  before(() => {
    for (const format of FORMATS) {
      files.push(folder.write(`written.${format}`, formatDocuments([MAPS], format)));
      files.push(folder.write(`edited.${format}`, editedText(format)));
    }
  });

  test('by our own reader', () => {
    check(files.map((file) => readDocuments(readFileSync(file), file)[0]?.value));
  });

  test('by PyYAML', async (t: TestContext) => {
    const python = await findPython();
    if (python === undefined) return missing(t, 'there is no PyYAML here (Debian: python3-yaml)');
    check(await readWithPython(python, files));
  });

  test('by Go, as Kubernetes reads YAML and JSON', async (t: TestContext) => {
    try {
      await buildGoReader();
    } catch {
      return missing(t, 'there is no Go here, or its modules cannot be fetched');
    }
    check(await readWithGo(files));
  });

  test('and no file holds a character that a terminal obeys or hides', () => {
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const found =
        /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u.exec(text);
      assert.equal(found?.index, undefined, file);
    }
  });
});

/** Bare scalars: all of up to three characters that numbers are made of, many longer ones, and the edges of 64 bits. */
function bareScalars(): string[] {
  const characters = '+-_.0189xXoObBeEfF'.split('');
  const short = characters.flatMap((a) => [
    a,
    ...characters.flatMap((b) => [a + b, ...characters.map((c) => a + b + c)]),
  ]);
  const beginnings = ['', '-', '+', '0', '0x', '-0X', '0o', '+0O', '0b', '-0B', '1', '.', '_'];
  const long = fc.sample(
    fc
      .tuple(
        fc.constantFrom(...beginnings),
        fc.array(fc.constantFrom(...characters), { minLength: 2, maxLength: 9 }),
      )
      .map(([beginning, rest]) => beginning + rest.join('')),
    { numRuns: 20_000, seed: 1 },
  );
  const edges = [2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n, 2n ** 64n].flatMap((edge) =>
    [10, 16, 8, 2].flatMap((base) => {
      const digits = edge.toString(base);
      const prefixes = { 10: [''], 16: ['0x'], 8: ['0', '0o'], 2: ['0b'] }[base] ?? [];
      return prefixes.flatMap((prefix) => ['', '-', '+'].map((sign) => sign + prefix + digits));
    }),
  );
  const all = [...short, ...long, ...edges, '1e308', '1e309', '.1e309', '-1e999', '1e-999', '0b-1', '0b+11'];
  // A dash alone, or three of them, is no scalar; and Kubernetes makes no JSON of infinities.
  return [...new Set(all)].filter((text) => !/^(-|---|\.\.\.)$/.test(text));
}

suite('a bare scalar, and a bare key, is read as Kubernetes reads it', () => {
  const scalars = bareScalars();

  test('by Go', async (t: TestContext) => {
    try {
      await buildGoReader();
    } catch {
      return missing(t, 'there is no Go here, or its modules cannot be fetched');
    }
    const text = `scalars:\n${scalars.map((scalar) => `- ${scalar}\n`).join('')}`;
    const [value] = await readWithGo([folder.write('scalars.yaml', text)]);
    const theirs = fieldsOf(value).get('scalars');
    const ours = fieldsOf(readDocuments(Buffer.from(text), 'f')[0]?.value).get('scalars');
    assert.ok(Array.isArray(theirs) && Array.isArray(ours));
    const differences = scalars.filter(
      (_, index) =>
        !Object.is(Number(theirs[index]), Number(ours[index])) || typeof theirs[index] !== typeof ours[index],
    );
    assert.deepEqual(differences, []);
  });

  test('by Go, where it is a key that we read', async (t: TestContext) => {
    try {
      await buildGoReader();
    } catch {
      return missing(t, 'there is no Go here, or its modules cannot be fetched');
    }
    const fractions = [
      '1.5',
      '-0.5',
      '0.0001',
      '0.00012',
      '0.00001',
      '123456.5',
      '99999.9',
      '3.14159',
      '3.1415927',
    ];
    const read = [...scalars, ...fractions, '8080', '-8080', '0', '999999999999999999'].filter((key) => {
      try {
        return readDocuments(Buffer.from(`${key}: x\n`), 'f').length === 1;
      } catch {
        return false;
      }
    });
    assert.ok(['8080', '-8080', '0', '1.5', '-0.5', '3.14159'].every((key) => read.includes(key)));
    assert.ok(!['0x10', '1e3', '010', '1_0', '1.0', '-0', '+1'].some((key) => read.includes(key)));
    const [value] = await readWithGo([folder.write('keys.yaml', read.map((key) => `${key}: x\n`).join(''))]);
    assert.deepEqual([...fieldsOf(value).keys()].sort(), [...new Set(read)].sort());
  });
});

/** Scalars in all styles that Go reads in any place of YAML. */
const NESTED = fc.constantFrom(
  ...['a', 'b c', 'yes', 'off', '~', '', '12', '0o17', '1e3', '1:30', '2024-01-01', '.5', 'a#b', 'a:b'],
  ...[
    '"a b"',
    '"\\x41\\t\\u00e9"',
    "'it''s'",
    '"a\n    b"',
    "'a\n\n    b'",
    'a\n    b',
    '! 5',
    '!!str 5',
    '!!float 1',
    '!!int "7"',
  ],
  ...['!!null ""', '!!bool yes', '[]', '{}', '"x" # c', 'a # c'],
);
const KEY = fc.constantFrom('a', 'b', 'c d', '"e"', "'f'", '8080', '1.5', '.x', '? g\n');
const GAP = fc.constantFrom('', ' ', '\n    ', ' # c\n    ');

function indented(text: string, columns: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(columns));
}

/** What follows a key or a dash. */
const nested = fc.letrec<{ block: string; flow: string }>((tie) => ({
  flow: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'yes', '12', '"a, b"', "'}'", 'a b', '~', '-1'),
    fc
      .tuple(GAP, fc.array(tie('flow'), { maxLength: 3 }))
      .map(([gap, items]) => `[${gap}${items.join(`,${gap}`)}]`),
    fc
      .tuple(GAP, fc.uniqueArray(fc.constantFrom('a', 'b', '"c"'), { maxLength: 3 }), tie('flow'))
      .map(([gap, keys, value]) => `{${gap}${keys.map((key) => `${key}: ${value}`).join(`,${gap}`)}}`),
  ),
  block: fc.oneof(
    { maxDepth: 3 },
    NESTED.map((scalar) => ` ${scalar}`),
    tie('flow').map((flow) => ` ${flow}`),
    fc
      .tuple(
        fc.constantFrom('|', '>', '|-', '>-', '|+', '>+', '|2'),
        fc.array(fc.constantFrom('x', '  y', '', 'a: b'), { maxLength: 4 }),
      )
      .map(([header, lines]) => ` ${header}\n${indented(['z', ...lines].join('\n'), 2)}`),
    fc
      .tuple(
        fc.constantFrom('', ' # c', ' !!map'),
        fc.uniqueArray(KEY, { minLength: 1, maxLength: 3 }),
        tie('block'),
      )
      .map(
        ([head, keys, value]) => `${head}\n${indented(keys.map((key) => `${key}:${value}`).join('\n'), 2)}`,
      ),
    fc
      .tuple(fc.constantFrom(0, 2), fc.array(tie('block'), { minLength: 1, maxLength: 3 }))
      .map(([columns, items]) => `\n${indented(items.map((item) => `-${item}`).join('\n'), columns)}`),
  ),
})).block;

test('a document of maps, lists and scalars of all styles is read as Go reads it', async (t: TestContext) => {
  try {
    await buildGoReader();
  } catch {
    return missing(t, 'there is no Go here, or its modules cannot be fetched');
  }
  const documents = fc.sample(nested, { numRuns: 3_000, seed: 1 }).filter((document) => {
    try {
      return readDocuments(Buffer.from(`d:${document}\n`), 'f').length === 1;
    } catch {
      return false;
    }
  });
  assert.ok(documents.length > 2_000, `${documents.length} are read`);
  for (const [name, lineBreak] of [
    ['unix', '\n'],
    ['windows', '\r\n'],
  ] as const) {
    const text = documents
      .map((document, index) => `d${index}:${document}\n`)
      .join('')
      .replaceAll('\n', lineBreak);
    const [theirs] = await readWithGo([folder.write(`documents-${name}.yaml`, text)]);
    const ours: unknown = JSON.parse(JSON.stringify(readDocuments(Buffer.from(text), 'f')[0]?.value));
    assert.deepEqual(ours, theirs);
  }
});

/** A test that cannot run is an error on the machine that decides what lands. */
function missing(t: TestContext, why: string): void {
  assert.notEqual(process.env['CI'], 'true', why);
  t.skip(why);
}
