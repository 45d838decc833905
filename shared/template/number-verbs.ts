/** Formats numbers for the verbs of `printf`, without padding to the width. */
import type { FloatFormat } from './number.ts';
import { isPrint } from './unicode.ts';
import { encodeRune, RUNE_ERROR } from './utf8.ts';

/** The flags, width and precision of one verb. */
export interface Flags {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** The bases in which integers are printed. */
export type Base = 2 | 8 | 10 | 16;

/** Returns an integer with its sign and prefix, as its verb prints it. */
export function integerText(
  flags: Flags,
  value: bigint,
  { base, verb }: { readonly base: Base; readonly verb: string },
): string {
  const { plus, minus, sharp, space, zero, width, precision } = flags;
  if (precision === 0 && value === 0n) return '';
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : '';
  // Zeros up to the width count as digits: they follow the sign, and a prefix adds to the width.
  const filled = zero && !minus && width !== undefined ? width - sign.length : 0;
  const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? filled, '0');
  const text = (sharp ? prefixOf(base, digits) : '') + digits;
  return sign + (verb === 'O' ? '0o' : '') + (verb === 'X' ? text.toUpperCase() : text);
}

function prefixOf(base: Base, digits: string): string {
  switch (base) {
    case 2:
      return '0b';
    case 8:
      return digits.startsWith('0') ? '' : '0';
    case 10:
      return '';
    case 16:
      return '0x';
  }
}

/** Formats a code point as `%U` does: `U+0041`, or with the `#` flag `U+0041 'A'`. */
export function codePointText({ precision, sharp }: Flags, value: bigint): string {
  const digits = value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(precision ?? 4, 4), '0');
  if (!sharp || value > 0x10ffffn || !isPrint(Number(value))) return `U+${digits}`;
  return `U+${digits} '${encodeRune(Number(value))}'`;
}

/** Converts an integer to a rune. Returns U+FFFD for a value outside Unicode. */
export function runeFrom(value: bigint): number {
  return value >= 0n && value <= 0x10ffffn ? Number(value) : RUNE_ERROR;
}

/** Applies the `#` flag to a float: adds a decimal point and, for `%g`, keeps trailing zeros. */
export function withPoint(text: string, format: FloatFormat, precision: number): string {
  const [, body = '', tail = ''] = (/x/i.test(text) ? /^(.*?)(p.*)?$/i : /^(.*?)(e.*)?$/i).exec(text) ?? [];
  let digits = 0;
  if (format === 'g' || format === 'G' || format === 'x') {
    digits = precision === -1 ? 6 : precision;
    digits -= body.replace('.', '').replace(/^0+/, '').length;
  }
  const pointed = body.includes('.') ? body : `${body}.`;
  if (body === '0') digits--;
  return pointed + '0'.repeat(Math.max(digits, 0)) + tail;
}
