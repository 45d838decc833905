/** The values of number and character literals. */
import { parseGoFloat, parseGoInteger } from './number.ts';
import { quote, unquoteRune } from './quote.ts';
import type { NumberLiteral } from './node.ts';

type NumberValue = Pick<NumberLiteral, 'integer' | 'unsigned' | 'float' | 'ideal'>;

/** A number's values, or Go's complaint. */
export function parseNumber(text: string): NumberValue | string {
  // Go has complex numbers, which no function takes.
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

/** A character constant's values, or Go's complaint. */
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

/** Go reads no sign before an unsigned integer, and takes zero all the same. */
function asUnsigned(value: bigint, text: string): bigint | null {
  if (value !== 0n && /^[+-]/.test(text)) return null;
  return BigInt.asUintN(64, value) === value ? value : null;
}

/** What a number is where any value will do: as Go has it, the way it is written decides. */
function idealOf(text: string, integer: bigint | null, float: number): bigint | number | null {
  const isHexInteger = /^0[xX]./.test(text) && !/[pP]/.test(text);
  return !isHexInteger && /[.eEpP]/.test(text) ? float : integer;
}
