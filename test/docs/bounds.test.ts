import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../support/package.ts';
import { tableUnder } from './table.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  characters: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
};

/** A value of the table, such as `2 MiB` or `10 s`, as the code has it: in bytes, ms, or pieces. */
function read(text: string): number {
  const [, number = '', unit = ''] = /^([\d,.]+) ?([A-Za-z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  assert.ok(number !== '' && factor !== undefined, `"${text}" is no value`);
  return Number(number.replaceAll(',', '')) * factor;
}

/** The value of a constant, or of a field of a constant object, in a file of the code. */
function inCode(file: string, name: string): number {
  const text = readFileSync(join(PACKAGE, file), 'utf8');
  const [, expression] =
    new RegExp(`\\b${name}(?:: number)?(?: =|:) ([\\d_.* <+()-]+)[,;]?`).exec(text) ?? [];
  assert.ok(expression !== undefined, `${file} has no ${name}`);
  return compute(expression, `${file}: ${name}`);
}

/** Sums, products and shifts of numbers, which is all that constants are made of. */
function compute(expression: string, what: string): number {
  const parts = expression
    .trim()
    .split(' << ')
    .map((part) => part.split(' * ').map((factor) => Number(factor.replaceAll('_', ''))));
  const [value = Number.NaN, shift = 0] = parts.map((factors) => factors.reduce((one, other) => one * other));
  assert.ok(Number.isFinite(value), `${what} is ${expression}`);
  return value * 2 ** shift;
}

suite('the table of bounds in docs/controller.md', () => {
  const rows = tableUnder('docs/controller.md', '## Bounds');

  test('says for each bound what shows that it was reached', () => {
    assert.ok(rows.length > 20);
    for (const [what, value, , shown] of rows) assert.ok(what && value && shown, what);
  });

  for (const [what = '', value = '', where = ''] of rows) {
    const [, name, file] = /^\[`(\w+)`\]\(\.\.\/(.+)\)$/.exec(where) ?? [];
    // Other links lead to a file that explains more than one value.
    if (name === undefined || file === undefined) continue;
    test(`${what}: ${value}`, () => assert.equal(inCode(file, name), read(value)));
  }
});
