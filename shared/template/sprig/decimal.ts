/** Decimal numbers of any length, as `github.com/shopspring/decimal` reckons with them. */
import { failCall } from '../function.ts';
import { formatFloat } from '../number.ts';

/** `value` times ten to the `exponent`. */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** The shortest decimal that reads as this number. */
export function fromFloat(number: number): Decimal {
  if (!Number.isFinite(number))
    return failCall(`Cannot create a Decimal from ${formatFloat(number, 'g', -1)}`);
  const [mantissa = '0', exponent = '0'] = number.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { value: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** The nearest float. */
export function toFloat({ value, exponent }: Decimal): number {
  return Number(`${value}e${exponent}`);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaled(a, exponent) + scaled(b, exponent), exponent };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { ...b, value: -b.value });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

const DIVISION_DIGITS = 16;

/** To 16 digits behind the point, half away from zero. */
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
