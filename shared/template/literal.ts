/** Parses number and character literals. */
import { parseGoFloat, parseGoInteger } from './number.ts';
import { quote, unquoteRune } from './quote.ts';
import type { NumberLiteral } from './node.ts';

type NumberValue = Pick<NumberLiteral, 'integer' | 'unsigned' | 'float' | 'ideal'>;

/** Returns the values of a number literal, or Go's error text. */
export function parseNumber(text: string): NumberValue | string {
  // Go has complex numbers, but no function accepts them.
  if (text.endsWith('i')) return `imaginary numbers are not supported: ${quote(text)}`;
  const whole = parseGoInteger(text);
  if (whole !== null) {
    const integer = asSigned(whole);
    const unsigned = asUnsigned(whole, text);
    if (integer !== null || unsigned !== null) {
      return { integer, unsigned, float: Number(whole), ideal: idealOf(text, integer, Number(whole)) };
    }
  }
  const float = parseGoFloat(text);
  if (float === null || !Number.isFinite(float)) return `illegal number syntax: ${quote(text)}`;
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quote(text)}`;
  const exact = Number.isInteger(float) ? BigInt(float) : null;
  const integer = exact === null ? null : asSigned(exact);
  return {
    integer,
    unsigned: exact === null ? null : asUnsigned(exact, ''),
    float,
    ideal: idealOf(text, integer, float),
  };
}

/** Returns the values of a character constant, or Go's error text. */
export function parseRune(text: string): NumberValue | string {
  const rune = unquoteRune(text);
  if (rune === null) return 'invalid syntax';
  if (rune === undefined) return `malformed character constant: ${text}`;
  const value = BigInt(rune);
  return { integer: value, unsigned: value, float: rune, ideal: value };
}

function asSigned(value: bigint): bigint | null {
  return BigInt.asIntN(64, value) === value ? value : null;
}

/** Returns the value as an unsigned integer, or null. Go allows no sign before an unsigned integer, except for zero. */
function asUnsigned(value: bigint, text: string): bigint | null {
  if (value !== 0n && /^[+-]/.test(text)) return null;
  return BigInt.asUintN(64, value) === value ? value : null;
}

/** Returns the value of a number where any type is accepted. As in Go, the notation determines the type. */
function idealOf(text: string, integer: bigint | null, float: number): bigint | number | null {
  const isHexInteger = /^0[xX]./.test(text) && !/[pP]/.test(text);
  return !isHexInteger && /[.eEpP]/.test(text) ? float : integer;
}
