import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { showPlace } from '../../../shared/api/place.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { formatDocuments, type Json } from '../../../shared/manifest/write.ts';

const CANARY = 'hunter2-canary';

function values(text: string | Buffer): unknown[] {
  return readDocuments(Buffer.from(text), 'f').map(({ value }) => value);
}

suite('documents', () => {
  const texts: [string, string, unknown[]][] = [
    ['one of YAML', 'a: 1\n', [{ a: 1 }]],
    ['one of JSON', '{"a": 1}', [{ a: 1 }]],
    [
      'several of YAML, empty ones left out',
      '---\n---\na: 1\n---\n# nothing\n---\nb: 2\n...\n',
      [{ a: 1 }, { b: 2 }],
    ],
    ['several of JSON', '{"a": 1}\n{"b": 2} {"c": 3}', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ['JSON between YAML marks', '---\n{"a": 1}\n---\n{"b": 2}\n', [{ a: 1 }, { b: 2 }]],
    ['YAML that begins with a brace', '{a: b}\n', [{ a: 'b' }]],
    ['Windows lines and a byte order mark', '\uFEFFa: |\r\n  x\r\n  y\r\nb: 2\r\n', [{ a: 'x\ny\n', b: 2 }]],
    ['JSON with tabs and a byte order mark', '\uFEFF{\n\t"a": 1\n}', [{ a: 1 }]],
    [
      'the items of a List',
      'kind: List\nitems: [{a: 1}, {kind: List, items: [{b: 2}]}]',
      [{ a: 1 }, { b: 2 }],
    ],
    ['anchors and merge keys', 'x: &x {a: 1}\nz: {<<: *x, b: 2}', [{ x: { a: 1 }, z: { a: 1, b: 2 } }]],
    [
      'brackets that close where the key begins, and tabs within',
      'a: {\n  b: [\n  ], # x\n}\nc: [1,\t{\t}]\n---\nd:\n- {\n}\n',
      [{ a: { b: [] }, c: [1, {}] }, { d: [{}] }],
    ],
    ['nothing', '', []],
    ['comments', '# a\n# b\n', []],
  ];
  for (const [what, text, wanted] of texts) {
    test(what, () => assert.deepEqual(JSON.parse(JSON.stringify(values(text))), wanted));
  }

  test('a key that is a number in the form that Kubernetes writes is its text', () => {
    const text = '8080: a\n-1: b\n0: c\n1.5: d\n? 443\n: e\nports: {80: f, a: 7}\n';
    assert.deepEqual(JSON.parse(JSON.stringify(values(text)[0])), {
      '8080': 'a',
      '-1': 'b',
      '0': 'c',
      '1.5': 'd',
      '443': 'e',
      ports: { '80': 'f', a: 7 },
    });
  });

  const oddKeys = [
    '0x10',
    '0o7',
    '010',
    '1e3',
    '1_0',
    '1.50',
    '1.0',
    '+1',
    '-0',
    '.5',
    '1234567890123456789',
  ];
  for (const key of [...oddKeys, 'yes', 'Null', '~', '.inf', '3.14159265', '&a 1', '!!int 1']) {
    test(`a key with more than one reading is refused: ${key}`, () => {
      assert.throws(
        () => values(`a: {b: c}\n${key}: d\n`),
        /a key is not a string: put it in quotes, at line 2/,
      );
    });
  }

  test('a key is refused that is there as a number and as a string', () => {
    for (const text of ['8080: a\n"8080": b\n', 'x: {"1.5": a, 1.5: b}\n']) {
      assert.throws(() => values(text), /duplicate key at line [12]/);
    }
  });

  test('a number is refused by its tag where the text is none', () => {
    for (const text of ['!!int 1-2', '!!int 1.5', '!!float 1x', '!!int .inf'])
      assert.throws(() => values(`a: ${text}\n`), /a tag \(!…\) is not supported at line 1/);
  });

  test('scalars are read as YAML 1.1, as Go reads it', () => {
    const scalars =
      'yes n on Off 0123 0o17 0x1f 1_000 1.10 1e3 12:30:45 2024-01-01 ~ null .inf true "yes" \'0123\'';
    assert.deepEqual(
      values(
        scalars
          .split(' ')
          .map((scalar) => `- ${scalar}`)
          .join('\n'),
      )[0],
      [
        true,
        false,
        true,
        false,
        83,
        15,
        31,
        1000,
        1.1,
        1000,
        '12:30:45',
        '2024-01-01',
        null,
        null,
        Infinity,
        true,
        'yes',
        '0123',
      ],
    );
  });

  test('names that objects inherit are names like others', () => {
    for (const text of ['{"__proto__": {"x": 1}, "constructor": 2}', '__proto__: {x: 1}\nconstructor: 2\n']) {
      const [object] = values(text);
      assert.deepEqual(Object.keys(object as object), ['__proto__', 'constructor']);
      assert.equal((object as { x?: unknown }).x, undefined);
    }
  });

  test('places are named', () => {
    const places = readDocuments(Buffer.from('a: 1\n---\nkind: List\nitems: [{b: 1}]\n'), 'f.yaml').map(
      ({ place }) => showPlace(place),
    );
    assert.deepEqual(places, ['f.yaml: document 1', 'f.yaml: document 2: items[0]']);
  });

  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`;
  const refusals: [string, string | Buffer, RegExp][] = [
    ['UTF-16', Buffer.from('a: 1', 'utf16le'), /^f is not UTF-8 text but UTF-16: save it as UTF-8$/],
    ['Latin-1', Buffer.from('a: \xe9', 'latin1'), /^f is not UTF-8 text$/],
    ['a key given twice', `a: 1\n${CANARY}: 1\n${CANARY}: 2\n`, /duplicate key at line 3, column 1$/],
    ['a JSON name given twice', `{"${CANARY}": 1, "${CANARY}": 2}`, /duplicate key at line 1, column 23$/],
    ['an unknown tag', `a: !secret ${CANARY}`, /a tag \(!…\) is not supported at line 1, column 4$/],
    ['a binary tag', 'a: !!binary aGk=', /a tag \(!…\) is not supported/],
    ['an unknown alias', 'a: *nothing', /unknown alias/],
    ['aliases that multiply', bomb, /aliases expand to too much/],
    ['a list made of nothing', 'a: !!seq\n', /a tag \(!…\) is not supported at line 1, column 4$/],
    ['an unclosed quote', `a: "${CANARY}`, /a character is missing/],
    ['an unclosed bracket', `{"a": ["${CANARY}"`, /at line 1/],
    [
      'a key that is no string',
      `a: 1\non: ${CANARY}`,
      /a key is not a string: put it in quotes, at line 2, column 1$/,
    ],
    ['a key that is a list', `? [${CANARY}]\n: b`, /a key is not a string/],
    ['flow nesting without end', `a: ${'['.repeat(50_000)}`, /too deep|at line 1/],
    ['wrong indentation', `a:\n  b: 1\n c: ${CANARY}`, /at line 3/],
    ['a tab for indentation', `a:\n\tb: ${CANARY}`, /a tab is used as indentation/],
    ['nesting without end', '['.repeat(50_000), /at line 1|nesting/],
  ];
  for (const [what, text, words] of refusals) {
    test(`are refused with ${what}, by position and without a quotation`, () => {
      assert.throws(
        () => values(text),
        (error: Error) => {
          assert.equal(error.name, 'SealedSecretsError');
          assert.match(error.message, words);
          assert.ok(!error.message.includes(CANARY) && !error.message.includes('\n'));
          return true;
        },
      );
    });
  }
});

suite('what is written', () => {
  const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.constantFrom(
        'yes',
        'n',
        'on',
        '0123',
        '1_000',
        '12:30',
        '~',
        '',
        'null',
        '1e3',
        '- a',
        'a: b',
        '# c',
        'a\nb\n',
        ' x',
      ),
      fc.boolean(),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  for (const format of ['json', 'yaml'] as const) {
    test(`as ${format} is read back as it was`, () => {
      fc.assert(
        fc.property(fc.dictionary(fc.string(), json, { minKeys: 1 }), (object) => {
          const [back] = values(formatDocuments([object], format));
          assert.deepEqual(JSON.parse(JSON.stringify(back)), JSON.parse(JSON.stringify(object)));
        }),
        { seed: 1, numRuns: 300 },
      );
    });
  }

  test('as YAML has sorted keys, a mark before each document, and quotes where YAML 1.1 needs them', () => {
    const text = formatDocuments([{ b: 'on', a: '0123', c: ['x'] }, { y: 'n' }], 'yaml');
    assert.equal(text, '---\na: "0123"\nb: "on"\nc:\n- x\n---\n"y": "n"\n');
  });

  test('as YAML quotes what only Go takes for a number, or for a line break', () => {
    // Found by reading random strings back with sigs.k8s.io/yaml, which kubectl and the API server use.
    const strings = [
      '0o17',
      '-0O7',
      '+_1',
      '1__0',
      '.5_',
      '0x_1f',
      'a\u0085b',
      'a\u2028b',
      '\ufeffa',
      '\n\tx',
      ' \n',
    ];
    for (const text of strings) {
      const written = formatDocuments([{ a: text }], 'yaml');
      assert.match(written, /^---\na: "[^\u0085\u2028\u2029\ufeff]*"\n$/);
      assert.deepEqual(values(written), [{ a: text }]);
    }
    assert.equal(
      formatDocuments([{ a: '1.2.3', b: 'v1_0', c: 'a\nb\n' }], 'yaml'),
      '---\na: 1.2.3\nb: v1_0\nc: |\n  a\n  b\n',
    );
  });

  test('as JSON has two spaces and a line break after each document', () => {
    assert.equal(formatDocuments([{ a: 1 }, { b: 2 }], 'json'), '{\n  "a": 1\n}\n{\n  "b": 2\n}\n');
  });
});
