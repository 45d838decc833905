/** Decimal arithmetic of arbitrary precision, as in `github.com/shopspring/decimal`. */
import { failCall } from '../function.ts';
import { formatFloat } from '../number.ts';

/** The number `value` times ten to the power of `exponent`. */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** Returns the shortest decimal that parses as this number. Fails if the number is not finite. */
export function fromFloat(number: number): Decimal {
  if (!Number.isFinite(number))
    return failCall(`Cannot create a Decimal from ${formatFloat(number, 'g', -1)}`);
  const [mantissa = '0', exponent = '0'] = number.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { value: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Returns the nearest float. */
export function toFloat({ value, exponent }: Decimal): number {
  return Number(`${value}e${exponent}`);
}

/** Returns the sum of two decimals. */
export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaled(a, exponent) + scaled(b, exponent), exponent };
}

/** Returns the difference of two decimals. */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { ...b, value: -b.value });
}

/** Returns the product of two decimals. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

const DIVISION_DIGITS = 16;

/** Returns the quotient with 16 decimal places, rounding half away from zero. Fails on division by zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) return failCall('decimal division by 0');
  const shift = DIVISION_DIGITS + a.exponent - b.exponent;
  const dividend = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const divisor = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value;
  const negative = dividend < 0n !== divisor < 0n;
  const [above, below] = [size(dividend), size(divisor)];
  const quotient = above / below + ((above % below) * 2n >= below ? 1n : 0n);
  return { value: negative ? -quotient : quotient, exponent: -DIVISION_DIGITS };
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function scaled({ value, exponent }: Decimal, to: number): bigint {
  return value * 10n ** BigInt(exponent - to);
}
