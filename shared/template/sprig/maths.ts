/** Sprig's number functions. Integers have 64 bits and overflow. */
import { define, defineVariadic, failCall, type GoFunction, impure, type Run } from '../function.ts';
import { decimalInteger, parseGoInteger } from '../number.ts';
import { sprint } from '../format.ts';
import { ANY, FLOAT64, INT, int, int64, INT64, INTS, Slice, STRING, type Value } from '../value.ts';
import { toFloat64, toInt64 } from './cast.ts';
import { add, type Decimal, divide, fromFloat, multiply, subtract, toFloat } from './decimal.ts';
import { randomBelow } from './random.ts';
import type { FunctionTable } from './table.ts';

/** Defines a function of one or more integers. */
function integers(reckon: (a: bigint, b: bigint) => bigint): GoFunction {
  return defineVariadic([ANY, ANY], INT64, ([first, ...rest]) => {
    return int64(rest.reduce((total: bigint, next) => int(reckon(total, toInt64(next))), toInt64(first)));
  });
}

function floats(reckon: (a: number, b: number) => number): GoFunction {
  return defineVariadic([ANY, ANY], FLOAT64, ([first, ...rest]) => {
    return rest.reduce((total: number, next) => reckon(total, toFloat64(next)), toFloat64(first));
  });
}

type Operation = (a: Decimal, b: Decimal) => Decimal;

function decimals(reckon: Operation, [first = 0n, ...rest]: readonly Value[], run: Run): number {
  let total = fromFloat(toFloat64(first));
  for (const next of rest) {
    total = reckon(total, fromFloat(toFloat64(next)));
    // Numbers of very different magnitudes add up to long decimals.
    run.allocate(total.value.toString(16).length);
  }
  return toFloat(total);
}

function decimalFunction(reckon: Operation): GoFunction {
  return defineVariadic([ANY, ANY], FLOAT64, (values, run) => decimals(reckon, values, run));
}

function divided(divide: (a: bigint, b: bigint) => bigint): GoFunction {
  return define([ANY, ANY], INT64, ([a, b]) => {
    const divisor = toInt64(b);
    return divisor === 0n
      ? failCall('runtime error: integer divide by zero')
      : int64(divide(toInt64(a), divisor));
  });
}

/** Implements Go's `math.Max` and `math.Min`: NaN wins, except over an infinity. */
function extreme(pick: (a: number, b: number) => number, bound: number): GoFunction {
  return floats((a, b) => (a === bound || b === bound ? bound : pick(a, b)));
}

function roundTo(value: number, places: bigint, up: number): number {
  const power = power10(Number(places));
  const digit = power * value;
  const rounded = digit - Math.trunc(digit) >= up ? Math.ceil(digit) : Math.floor(digit);
  return rounded / power;
}

/**
 * Implements Go's `math.Pow(10, exponent)`, which does not always return the nearest float: it squares 0.625, because
 * 10 is 0.625 times 2^4.
 */
export function power10(exponent: number): number {
  let [square, squareBits] = [0.625, 4];
  let [result, bits] = [1, 0];
  for (let left = Math.abs(exponent); left >= 1; left = Math.floor(left / 2)) {
    // Far beyond the range of a float.
    if (squareBits > 4096) return exponent < 0 ? 0 : Infinity;
    if (left % 2 === 1) {
      result *= square;
      bits += squareBits;
    }
    square *= square;
    squareBits *= 2;
    if (square < 0.5) {
      square *= 2;
      squareBits--;
    }
  }
  if (exponent < 0) [result, bits] = [1 / result, -bits];
  // Scale in two steps, so that only the last one rounds.
  const half = bits < 0 ? -53 : 53;
  return result * 2 ** (bits - half) * 2 ** half;
}

interface Range {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
}

/** Returns the integers from `start` up to but not including `stop`. */
function range({ start, stop, step }: Range, run: Run): bigint[] {
  if (stop < start ? step >= 0n : step <= 0n) return [];
  const size = step < 0n ? -step : step;
  const distance = stop < start ? start - stop : stop - start;
  run.allocate(16 * Number((distance + size - 1n) / size));
  const numbers: bigint[] = [];
  for (let at = start; stop < start ? at > stop : at < stop; at += step) {
    run.step();
    numbers.push(at);
  }
  return numbers;
}

function sequence(numbers: readonly bigint[], run: Run): string {
  const [from, step, to] = sequenceBounds(numbers);
  if (from === undefined || (to < from && numbers.length === 3 && step > 0n)) return '';
  const stop = int(to + (to < from ? -1n : 1n));
  return range({ start: from, stop, step }, run).join(' ');
}

function sequenceBounds(numbers: readonly bigint[]): [from: bigint | undefined, step: bigint, to: bigint] {
  const [a = 0n, b = 0n, c = 0n] = numbers;
  const direction = (from: bigint, to: bigint): bigint => (to < from ? -1n : 1n);
  switch (numbers.length) {
    case 1:
      return [1n, direction(1n, a), a];
    case 2:
      return [a, direction(a, b), b];
    case 3:
      return [a, b, c];
    default:
      return [undefined, 0n, 0n];
  }
}

const max = integers((a, b) => (b > a ? b : a));

/** Sprig's number functions. */
export const MATHS: FunctionTable = {
  atoi: define([STRING], INT, ([text]) => atoi(text)),
  int: define([ANY], INT, ([value]) => toInt64(value)),
  int64: define([ANY], INT64, ([value]) => int64(toInt64(value))),
  float64: define([ANY], FLOAT64, ([value]) => toFloat64(value)),
  toDecimal: define([ANY], INT64, ([value], run) => int64(octal(sprint([value], run)))),
  add1: define([ANY], INT64, ([value]) => int64(toInt64(value) + 1n)),
  add: defineVariadic([ANY], INT64, (values) => {
    return int64(values.reduce((total: bigint, next) => int(total + toInt64(next)), 0n));
  }),
  sub: define([ANY, ANY], INT64, ([a, b]) => int64(toInt64(a) - toInt64(b))),
  mul: integers((a, b) => a * b),
  div: divided((a, b) => a / b),
  mod: divided((a, b) => a % b),
  max,
  biggest: max,
  min: integers((a, b) => (b < a ? b : a)),
  add1f: define([ANY], FLOAT64, ([value], run) => decimals(add, [value, 1n], run)),
  addf: defineVariadic([ANY], FLOAT64, (values, run) => decimals(add, [0n, ...values], run)),
  subf: decimalFunction(subtract),
  mulf: decimalFunction(multiply),
  divf: decimalFunction(divide),
  maxf: extreme(Math.max, Infinity),
  minf: extreme(Math.min, -Infinity),
  ceil: define([ANY], FLOAT64, ([value]) => Math.ceil(toFloat64(value))),
  floor: define([ANY], FLOAT64, ([value]) => Math.floor(toFloat64(value))),
  round: defineVariadic([ANY, INT, FLOAT64], FLOAT64, ([value, places, up = 0.5]) => {
    return roundTo(toFloat64(value), places, up);
  }),
  until: define(
    [INT],
    INTS,
    ([count], run) => new Slice(INTS, range({ start: 0n, stop: count, step: count < 0n ? -1n : 1n }, run)),
  ),
  untilStep: define([INT, INT, INT], INTS, ([start, stop, step], run) => {
    return new Slice(INTS, range({ start, stop, step }, run));
  }),
  seq: defineVariadic([INT], STRING, (numbers, run) => sequence(numbers, run)),
  randInt: impure(
    define([INT, INT], INT, ([least, most], run) => {
      const span = int(most - least);
      if (span <= 0n) return failCall('invalid argument to Intn');
      return int(least + randomBelow(span, run));
    }),
  ),
};

/**
 * Implements Go's `strconv.Atoi`. Returns 0 for text that is not a number, and clamps values that are out of range.
 */
function atoi(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) return 0n;
  const size = decimalInteger(text.replace(/^[+-]/, ''));
  const value = text.startsWith('-') ? -size : size;
  const bound = value < 0n ? -(1n << 63n) : (1n << 63n) - 1n;
  return int(value) === value ? value : bound;
}

function octal(text: string): bigint {
  const value = /^[+-]?[0-7]+$/.test(text) ? parseGoInteger(text.replace(/^[+-]?/, '$&0o')) : null;
  return value === null || int(value) !== value ? 0n : value;
}
