/** Parses and formats numbers as Go's `strconv` package does. */

/** The maximum number of decimal digits of a Go integer. */
const MOST_DIGITS = 20;

/**
 * Returns the number with the given decimal digits, or 2^66 for any number of more than 20 digits. No Go integer is
 * that large, and it takes seconds to create a `BigInt` from a million digits.
 */
export function decimalInteger(digits: string): bigint {
  const significant = digits.length > MOST_DIGITS ? digits.replace(/^0+/, '') : digits;
  return significant.length > MOST_DIGITS ? 1n << 66n : BigInt(significant);
}

/**
 * Parses an integer in the syntax of Go's source (`strconv.ParseInt` with base 0): decimal, `0x`, `0o`, `0b` or octal
 * with a leading 0, and underscores between digits. The result is not wrapped to any width, but see `decimalInteger`.
 * Returns null if the syntax is invalid.
 */
export function parseGoInteger(text: string): bigint | null {
  const match =
    /^([+-]?)(?:0[xX]([0-9a-fA-F_]+)|0[oO]([0-7_]+)|0[bB]([01_]+)|(0[0-7_]*)|([1-9][0-9_]*))$/.exec(text);
  if (match === null || !underscoresFit(text)) return null;
  const [, sign, hex, octal, binary, oldOctal, decimal] = match;
  const digits = (part: string): string => part.replaceAll('_', '');
  let value: bigint;
  if (hex !== undefined) value = BigInt(`0x${digits(hex)}`);
  else if (binary !== undefined) value = BigInt(`0b${digits(binary)}`);
  else if (decimal !== undefined) value = decimalInteger(digits(decimal));
  else value = BigInt(`0o${digits(octal ?? oldOctal ?? '')}`);
  return sign === '-' ? -value : value;
}

/** Whether all underscores are between digits, or between the prefix of a base and a digit. */
function underscoresFit(text: string): boolean {
  if (!text.includes('_')) return true;
  const hex = /^[+-]?0[xX]/.test(text);
  const bare = text.replace(/^[+-]?(0[xXoObB])?/, (prefix) => (/[xob]$/i.test(prefix) ? '0' : ''));
  const digit = hex ? '[0-9a-fA-F]' : '[0-9]';
  return !new RegExp(`(?<!${digit})_|_(?!${digit})`).test(bare);
}

/**
 * Implements `strconv.ParseFloat` with 64 bits. Returns null if the syntax is invalid. An infinite result means that
 * the number is out of range, unless the text matches `/^[+-]?inf/i`.
 */
export function parseGoFloat(text: string): number | null {
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  if (!underscoresFit(text)) return null;
  const bare = text.replaceAll('_', '');
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(bare)) {
    // Go accepts underscores only if the exponent starts with a digit. Number parses the rest as Go does.
    return /[eE][+-]?_/.test(text) ? null : Number(bare);
  }
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(bare);
  if (hex === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = hex;
  if (whole === '' && fraction === '') return null;
  const value = scaled(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** Returns `mantissa` * 2^`exponent`, rounded once, half to even. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  if (bits + exponent > 1024) return Infinity;
  if (bits + exponent < -1080) return 0;
  // Subnormal numbers keep fewer bits; the last one is 2^-1074.
  const drop = Math.max(bits - 53, -1074 - exponent);
  if (drop <= 0) return timesPower(Number(mantissa), exponent);
  const shift = BigInt(drop);
  const rest = mantissa & ((1n << shift) - 1n);
  const half = 1n << (shift - 1n);
  let kept = mantissa >> shift;
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++;
  return timesPower(Number(kept), exponent + drop);
}

function timesPower(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  for (; left > 1000; left -= 1000) result *= 2 ** 1000;
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}

/** The number 0.`digits` * 10^`point`, where `digits` has no leading or trailing zeros. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The formats of `strconv.FormatFloat`. */
export type FloatFormat = 'e' | 'E' | 'f' | 'g' | 'G' | 'x' | 'X' | 'b';

/**
 * Implements `strconv.FormatFloat` with 64 bits. With a precision of -1, it returns the fewest digits that parse as the
 * same number.
 */
export function formatFloat(value: number, format: FloatFormat, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  switch (format) {
    case 'x':
    case 'X':
      return sign + formatHex(size, format, precision);
    case 'b': {
      const { mantissa, exponent } = parts(size);
      return `${sign}${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
    }
    default:
      return sign + formatDecimal(size, format, precision);
  }
}

function formatDecimal(size: number, format: 'e' | 'E' | 'f' | 'g' | 'G', precision: number): string {
  const shortest = precision < 0;
  if (shortest) {
    const decimal = shortestDigits(size);
    const { digits, point } = decimal;
    if (format === 'f') return formatFixed(decimal, Math.max(digits.length - point, 0));
    if (format === 'e' || format === 'E')
      return formatScientific(decimal, Math.max(digits.length - 1, 0), format);
    return formatGeneral(decimal, { precision: digits.length, limit: 6, format });
  }
  const exact = exactDigits(size);
  if (format === 'f') return formatFixed(rounded(exact, exact.point + precision), precision);
  if (format === 'e' || format === 'E')
    return formatScientific(rounded(exact, precision + 1), precision, format);
  const wanted = precision === 0 ? 1 : precision;
  const decimal = rounded(exact, wanted);
  const { digits, point } = decimal;
  const limit = wanted > digits.length && digits.length >= point ? digits.length : wanted;
  return formatGeneral(decimal, { precision: wanted, limit, format });
}

function formatGeneral(
  decimal: Decimal,
  {
    precision,
    limit,
    format,
  }: { readonly precision: number; readonly limit: number; readonly format: 'g' | 'G' },
): string {
  const { digits, point } = decimal;
  const exponent = point - 1;
  if (exponent < -4 || exponent >= limit) {
    return formatScientific(decimal, Math.min(precision, digits.length) - 1, format === 'g' ? 'e' : 'E');
  }
  return formatFixed(decimal, Math.max((precision > point ? digits.length : precision) - point, 0));
}

function formatScientific({ digits, point }: Decimal, precision: number, mark: 'e' | 'E'): string {
  const all = digits.padEnd(precision + 1, '0').slice(0, Math.max(precision, 0) + 1);
  const fraction = precision > 0 ? `.${all.slice(1)}` : '';
  const exponent = digits === '' ? 0 : point - 1;
  const sign = exponent < 0 ? '-' : '+';
  return `${all.charAt(0) || '0'}${fraction}${mark}${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function formatFixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (precision <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`;
}

/** Returns the fewest digits that parse as the same number. JavaScript and Go agree on them. */
function shortestDigits(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 };
  const [mantissa = '', exponent = '0'] = size.toExponential().split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), point: Number(exponent) + 1 };
}

/** Returns all decimal digits of a number. */
function exactDigits(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 };
  const { mantissa, exponent } = parts(size);
  const all =
    exponent >= 0 ? String(mantissa << BigInt(exponent)) : String(mantissa * 5n ** BigInt(-exponent));
  return { digits: all.replace(/0+$/, ''), point: all.length + Math.min(exponent, 0) };
}

/** Rounds to the given number of digits, half to even. */
function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  const next = digits.charAt(count);
  const half = next === '5' && digits.length === count + 1;
  const odd = count > 0 && Number(kept.charAt(count - 1)) % 2 === 1;
  const up = half ? odd : next >= '5';
  if (!up) {
    const trimmed = kept.replace(/0+$/, '');
    return { digits: trimmed, point: trimmed === '' ? 0 : point };
  }
  const raised = String(BigInt(kept || '0') + 1n).padStart(count, '0');
  return { digits: raised.replace(/0+$/, ''), point: point + raised.length - count };
}

/** Returns the integral mantissa of 53 bits (fewer for subnormal numbers) and its power of two. */
function parts(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function formatHex(size: number, format: 'x' | 'X', precision: number): string {
  let { mantissa, exponent } = parts(size);
  exponent = mantissa === 0n ? 0 : exponent + 52;
  // Shift the leading one to bit 60, so that 15 hexadecimal digits follow it.
  mantissa <<= 8n;
  while (mantissa !== 0n && mantissa >> 60n === 0n) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision >= 0 && precision < 15) {
    const drop = BigInt(60 - precision * 4);
    const rest = mantissa & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= drop;
    if (mantissa >> 61n !== 0n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const digits = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, '0');
  const fraction =
    precision < 0 ? digits.replace(/0+$/, '') : digits.padEnd(precision, '0').slice(0, precision);
  const sign = exponent < 0 ? '-' : '+';
  const text = `0x${mantissa >> 60n}${fraction === '' ? '' : `.${fraction}`}p${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return format === 'X' ? text.toUpperCase() : text;
}
