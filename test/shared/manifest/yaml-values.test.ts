import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { checkEvents } from '../../../shared/manifest/yaml-events.ts';
import { YamlError } from '../../../shared/manifest/yaml-error.ts';
import { YamlText } from '../../../shared/manifest/yaml-text.ts';
import { valuesOf } from '../../../shared/manifest/yaml-values.ts';
import { valuesByLibrary } from '../../support/js-yaml-values.ts';
import { SCALARS } from '../../support/scalars.ts';

const CASES = [
  ...[
    'a: ! 12',
    'a: !!int "12"',
    'a: !!int 0x1f',
    'a: !!int 1.5',
    'a: !!float 1',
    'a: !!float .inf',
    'a: !!float x',
  ],
  ...[
    'a: !!bool "on"',
    'a: !!bool 1',
    'a: !!null ""',
    'a: !!null',
    'a: !!null x',
    'a: !!str',
    'a: !!str ~',
    'a: !x b',
  ],
  ...[
    'a: !<tag:yaml.org,2002:int> 7',
    'a: !<int> 7',
    'a: !<!> 7',
    'a: !!%69nt 7',
    'a: !!%ffnt 7',
    'a: !!binary aGk=',
  ],
  ...['%TAG !e! tag:yaml.org,2002:\n---\na: !e!int 7\n---\nb: 1', '%TAG !! tag:x,2000:\n---\na: !!int 7'],
  ...[
    '%TAG ! tag:yaml.org,2002:\n---\na: !int 7\nb: ! 7',
    '%TAG !e! !f\n---\na: !e!g 7',
    '!!map {a: !!seq [b]}',
  ],
  ...[
    'a: !!map [b]',
    'a: !!seq {b: c}',
    'a: !!int {b: c}',
    '! {a: ! [b]}',
    'a: !!omap [{b: c}]',
    'a: !!merge <<',
  ],
  ...['&a [&a b, *a]', 'a: &x [b]\nc: *x\nd: &x e\nf: *x', 'a: &x\nb: *x', 'a: &x b\n---\na: &x c\nd: *x'],
  ...[
    '<<: {a: 1, b: 2}\nb: 3',
    'b: 3\n<<: {a: 1, b: 2}',
    '<<: [{a: 1}, {a: 2, b: 3}]',
    '<<: {a: 1}\na: 2\na: 3',
  ],
  ...[
    '<<: {a: 1}\n<<: {a: 2, b: 2}',
    '<<: {<<: {a: 1}, b: 2}\nc: 3',
    '"<<": {a: 1}',
    '!!str <<: {a: 1}',
    '!!merge "<<": {a: 1}',
  ],
  ...[
    '!!merge : {a: 1}',
    '<<:',
    '<<: a',
    '<<: [a]',
    '<<: [[{a: 1}]]',
    '<<: []',
    '<<: {}',
    'a: <<',
    '- <<',
    '<<: {__proto__: 1}',
  ],
  ...[
    '__proto__: 1\nb: 2',
    '__proto__: 1\n__proto__: 2',
    'toString: 1',
    'a: 1\n"a": 2',
    'a: b\n8080: c\n"8080": d',
    '0x10: a',
    '~: a',
  ],
  ...[
    'a: 1\n!!int 2: b',
    '- a\n-\n- ""\n- "~"\n- |\n  ~\n- >-\n  on\n- on\n- a\n  b',
    '...\n---\n---\na\n...\n',
    '[a: 1, {b}, ? c]',
  ],
  `<<: [${'{a: 1}, '.repeat(100)}]`,
  `<<: [${'{a: 1}, '.repeat(101)}]`,
  `x: &x {${Array.from({ length: 999 }, (_, index) => `k${index}: `).join(', ')}}\ny: [${'{<<: *x}, '.repeat(100)}]`,
  `x: &x {${Array.from({ length: 999 }, (_, index) => `k${index}: `).join(', ')}}\ny: [${'{<<: *x}, '.repeat(100)}{<<: {}}]`,
];

const PIECES = [
  ...[
    'a: ',
    'b: ',
    '"a": ',
    '<<: ',
    '? a\n: ',
    '__proto__: ',
    '!!str a: ',
    '&k c: ',
    '!!merge <<: ',
    '1: ',
    '- ',
    '- - ',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ', ',
    '\n',
    '\n',
    '\n  ',
    '\n  ',
    '\n- ',
    '\n---\n',
    '\n%TAG !e! tag:yaml.org,2002:\n---\n',
  ],
  ...[
    'b',
    '~',
    'on',
    '0x1f',
    '1.5',
    '"c"',
    "'d'",
    '|\n    e\n',
    '{a: 1}',
    '[{a: 1}, {b: 2}]',
    '*k',
    '&k ',
    '&k {b: 1}',
  ],
  ...[
    '!!int ',
    '!!str ',
    '!!map {b: 1}',
    '!!seq [b]',
    '!!null ',
    '! ',
    '!e!int ',
    '!f ',
    '!<tag:yaml.org,2002:bool> ',
  ],
];

/** What the project makes of a text: values, or what is wrong and in which line. Throws `YamlError` for syntax. */
function valuesHere(text: string): unknown[] | string {
  const parsed = new YamlText(text);
  checkEvents(parsed, {});
  try {
    return valuesOf(parsed);
  } catch (error) {
    if (error instanceof YamlError) return `${error.message} in line ${error.line}`;
    throw error;
  }
}

/** Compares with the library. Returns whether the syntax of the text is right. */
function agrees(text: string): boolean {
  let wanted: unknown[] | string;
  try {
    wanted = valuesByLibrary(text);
  } catch (error) {
    assert.ok(error instanceof YamlError);
    return false;
  }
  const values = valuesHere(text);
  if (typeof wanted === 'string') assert.ok(values.includes(wanted), JSON.stringify([text, values, wanted]));
  else assert.deepEqual(values, wanted, JSON.stringify(text));
  return true;
}

suite('the values of YAML documents are those of js-yaml', () => {
  test('for tags, anchors, merge keys and odd keys', () => {
    for (const text of CASES) assert.ok(agrees(`${text}\n`), text);
  });

  test('for scalars of all kinds, as values, as keys and with tags', () => {
    for (const scalar of SCALARS)
      for (const text of [`- ${scalar}`, `${scalar}: a`, `- !!int ${scalar}`, `- !!float ${scalar}`])
        agrees(text);
  });

  test('for random texts', () => {
    let compared = 0;
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''));
    for (const text of fc.sample(texts, { seed: 1, numRuns: 40_000 })) if (agrees(text)) compared++;
    assert.ok(compared > 3000, String(compared));
  });

  test('except that an empty text with the tag of a map or a list is refused', () => {
    for (const text of ['a: !!map ""\n', "a: !!seq ''\n", 'a: !!map\n'])
      assert.match(String(valuesHere(text)), /^a tag \(!…\) is not supported/);
  });
});
