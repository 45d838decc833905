/** Random templates: from the grammar, and with the grammar broken in one place. */
import fc, { type Arbitrary } from 'fast-check';
import { BUILTINS } from '../../../shared/template/builtins.ts';
import type { GoFunction } from '../../../shared/template/function.ts';
import { SPRIG } from '../../../shared/template/sprig/index.ts';
import type { Case } from './cases.ts';

/** Their answers depend on the time, on luck or on the order in which Go walks a map; or they are slow. */
const LEFT_OUT =
  /^(keys|values|derivePassword|bcrypt|htpasswd|gen.*|buildCustomCert|encryptAES|decryptAES|shuffle|rand.*|uuidv4|now|ago|.*[dD]ate.*|unixEpoch)$/;

const FUNCTIONS: readonly (readonly [string, GoFunction])[] = [...BUILTINS, ...SPRIG].filter(
  ([name, { impure }]) => !impure && !LEFT_OUT.test(name),
);

const DATA = { a: 'x', b: '', n: '12', u: 'héllo "wörld"', l: 'a,b,c', j: '{"k":[1,2.5,null,"v"]}' };

const TEXT = fc.constantFrom('', ' ', 'text', '\n', ' \n ', 'é', '{', '}', '  a  ', '%d');

const STRING = fc.constantFrom(
  '""',
  '"a"',
  '"abc"',
  '"a b  c"',
  '"é☃"',
  '"12"',
  '"-1.5"',
  '"true"',
  '"a,b,,c"',
  '"%d %s|%5v"',
  '"%x"',
  '","',
  '"/a/b.txt"',
  '"1.2.3"',
  '"[a-c]+"',
  '"^(.)(.*)$"',
  '"\\xff\\x00"',
  '"YWJj"',
  '`raw\\n`',
  '"Hello World"',
  '"{\\"k\\": [1, 2]}"',
  '"http://u:p@h:1/p?q#f"',
  '"camelCaseWord"',
);

const INTEGER = fc.constantFrom('0', '1', '2', '3', '5', '-1', '10', '0x1F', "'a'", '1_0', '0b11', '017');
const NUMBER = fc.oneof(INTEGER, fc.constantFrom('1.5', '-0.0', '1e3', '2.5e-3', '0x1p-2', '1e21', '.5'));
const RARE = fc.constantFrom(
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '1e400',
  '08',
  "''",
  '1__0',
  'nope',
  '$nope',
  '"\\q"',
  '.x.',
  '()',
);
const NAME = fc.constantFrom('a', 'b', 'n', 'u', 'l', 'j', 'missing', 'k', '__proto__', 'X');
const VARIABLE = fc.constantFrom('$', '$x', '$y', '$z');

const FORMAT = fc
  .tuple(
    fc.constantFrom('', '#', '0', '+', '-', ' ', '+#', '-0', '# '),
    fc.constantFrom('', '1', '5', '12', '*', '[1]', '[2]*'),
    fc.constantFrom('', '.', '.0', '.2', '.*', '.[1]*', '[1]'),
    fc.constantFrom(...'vdsqxXtTfFeEgGcUboOpw%z'.split('')),
  )
  .map((parts) => `%${parts.join('')}`);

/** Operands that take one place, wherever any may stand. */
function operands(pipe: Arbitrary<string>): Record<string, Arbitrary<string>> {
  const inParentheses = pipe.map((inside) => `(${inside})`);
  const field = NAME.map((name) => `.${name}`);
  const list = fc.array(fc.oneof(STRING, NUMBER, fc.constant('nil'), inParentheses), { maxLength: 3 });
  const pair = fc.tuple(fc.constantFrom('"a"', '"b"', '"k"'), fc.oneof(STRING, NUMBER, inParentheses));
  return {
    string: fc.oneof(STRING, field, STRING),
    int: fc.oneof({ weight: 5, arbitrary: INTEGER }, { weight: 1, arbitrary: inParentheses }),
    float64: NUMBER,
    bool: fc.constantFrom('true', 'false'),
    slice: list.map((items) => `(${['list', ...items].join(' ')})`),
    map: fc.array(pair, { maxLength: 3 }).map((pairs) => `(${['dict', ...pairs.flat()].join(' ')})`),
    any: fc.oneof(
      { weight: 4, arbitrary: STRING },
      { weight: 4, arbitrary: NUMBER },
      { weight: 3, arbitrary: field },
      { weight: 2, arbitrary: VARIABLE },
      { weight: 2, arbitrary: fc.constantFrom('true', 'false', 'nil', '.', '.') },
      { weight: 2, arbitrary: fc.tuple(VARIABLE, NAME).map(([variable, name]) => `${variable}.${name}`) },
      { weight: 4, arbitrary: inParentheses },
      { weight: 1, arbitrary: fc.tuple(inParentheses, NAME).map((parts) => parts.join('.')) },
      { weight: 2, arbitrary: list.map((items) => `(${['list', ...items].join(' ')})`) },
      {
        weight: 2,
        arbitrary: fc
          .array(pair, { maxLength: 3 })
          .map((pairs) => `(${['dict', ...pairs.flat()].join(' ')})`),
      },
    ),
  };
}

/** A call whose arguments mostly fit; with `piped` the last one comes from before. */
function call(operand: Record<string, Arbitrary<string>>, piped: boolean): Arbitrary<string> {
  const any = operand['any'] ?? STRING;
  return fc.constantFrom(...FUNCTIONS).chain(([name, { params, rest }]) => {
    const fitting = params.map(({ kind }) =>
      fc.oneof(
        {
          weight: 9,
          arbitrary: name === 'printf' && kind === 'string' ? quoted(FORMAT) : (operand[kind] ?? any),
        },
        { weight: 1, arbitrary: any },
      ),
    );
    const more = rest === undefined ? fc.constant<string[]>([]) : fc.array(any, { maxLength: 3 });
    const args = fc.tuple(fc.tuple(...fitting), more).map(([fixed, others]) => [...fixed, ...others]);
    const wrong = fc.array(any, { maxLength: 4 });
    return fc
      .oneof({ weight: 40, arbitrary: args }, { weight: 1, arbitrary: wrong })
      .map((all) => [name, ...(piped ? all.slice(0, -1) : all)].join(' '));
  });
}

function quoted(formats: Arbitrary<string>): Arbitrary<string> {
  return fc
    .array(fc.oneof(formats, fc.constant(' a ')), { maxLength: 3 })
    .map((parts) => `"${parts.join('')}"`);
}

const GRAMMAR = fc.letrec<{ pipe: string; node: string; list: string }>((tie) => {
  const operand = operands(tie('pipe'));
  const any = operand['any'] ?? STRING;
  const action = (inside: Arbitrary<string>): Arbitrary<string> =>
    fc
      .tuple(fc.constantFrom('{{', '{{ ', '{{- '), inside, fc.constantFrom('}}', ' }}', ' -}}'))
      .map((parts) => parts.join(''));
  const word = (keyword: string, more: Arbitrary<string>): Arbitrary<string> =>
    action(more.map((rest) => `${keyword} ${rest}`));
  const end = action(fc.constant('end'));
  const otherwise = fc.oneof(
    fc.constant(''),
    fc.tuple(action(fc.constant('else')), tie('list')).map((parts) => parts.join('')),
  );
  const declared = fc.tuple(fc.constantFrom('$x', '$y', '$z'), fc.constantFrom(':=', '='), tie('pipe'));
  const pipeOrDeclaration = fc.oneof(
    { weight: 4, arbitrary: tie('pipe') },
    { weight: 1, arbitrary: declared.map((parts) => parts.join(' ')) },
  );
  const ranged = fc.oneof(
    tie('pipe'),
    operand['slice'] ?? any,
    operand['map'] ?? any,
    fc.constantFrom('.', '3', '(until 3)', '(splitList "," .l)'),
  );
  const variables = fc.constantFrom('', '$x := ', '$x, $y := ', '$x = ', '$x, $y = ');
  return {
    pipe: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 30, arbitrary: any },
      { weight: 1, arbitrary: RARE },
      { weight: 60, arbitrary: call(operand, false) },
      {
        weight: 30,
        arbitrary: fc.tuple(tie('pipe'), call(operand, true)).map((parts) => parts.join(' | ')),
      },
    ),
    node: fc.oneof(
      { depthSize: 'small' },
      { weight: 3, arbitrary: TEXT },
      { weight: 8, arbitrary: action(tie('pipe')) },
      { weight: 2, arbitrary: action(declared.map((parts) => parts.join(' '))) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('{{/* c */}}', '{{- /* c\n */ -}}', '{{break}}'),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(word('if', pipeOrDeclaration), tie('list'), otherwise, end)
          .map((parts) => parts.join('')),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(word('with', pipeOrDeclaration), tie('list'), otherwise, end)
          .map((parts) => parts.join('')),
      },
      {
        weight: 3,
        arbitrary: fc
          .tuple(
            word(
              'range',
              fc.tuple(variables, ranged).map((parts) => parts.join('')),
            ),
            tie('list'),
            otherwise,
            end,
          )
          .map((parts) => parts.join('')),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(word('block "d"', tie('pipe')), tie('list'), end).map((parts) => parts.join('')),
      },
      { weight: 1, arbitrary: word('template "d"', tie('pipe')) },
    ),
    list: fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
  };
});

/** Leaves out, doubles or puts in a piece somewhere. */
function broken(template: string, at: number, length: number, piece: string): string {
  const start = at % (template.length + 1);
  return template.slice(0, start) + piece + template.slice(start + length);
}

const DECLARATIONS = '{{$x := "v"}}{{$y := 7}}{{$z := list 1 "a"}}';

const PIECE = fc.constantFrom(
  ...['', '{{', '}}', '(', ')', '"', '`', '|', '.', '$', ' ', '-', ',', '\n', '{{end}}', '{{else}}'],
);

const TEMPLATE = fc
  .tuple(
    fc.oneof({ weight: 30, arbitrary: fc.constant(DECLARATIONS) }, { weight: 1, arbitrary: fc.constant('') }),
    fc.oneof(GRAMMAR.list, GRAMMAR.node),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.tuple(fc.nat(300), fc.nat(3), PIECE) },
    ),
  )
  .map(([before, body, breakage]) => before + (breakage === null ? body : broken(body, ...breakage)));

/** So many random cases; the same ones for the same seed. */
export function randomCases(count: number, seed: number): Case[] {
  return fc
    .sample(TEMPLATE, { numRuns: count, seed })
    .map((text, i) => ({ name: `seed ${seed}, case ${i}`, text, data: DATA }));
}
