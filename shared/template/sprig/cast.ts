/** Converts values to numbers, as `github.com/spf13/cast` does. A value that cannot be converted becomes 0. */
import { parseGoFloat, parseGoInteger } from '../number.ts';
import { int, Integer, type Value } from '../value.ts';
import { isNamedInt } from './time.ts';

const LEAST = -(1n << 63n);

/** Implements `cast.ToInt64`, and `cast.ToInt`, which has the same width. */
export function toInt64(value: Value): bigint {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return truncated(value);
    case 'boolean':
      return value ? 1n : 0n;
    case 'string': {
      const parsed = parseGoInteger(withoutZeroDecimals(value));
      return parsed === null || int(parsed) !== parsed ? 0n : parsed;
    }
    default:
      return value instanceof Integer && isPlain(value) ? int(value.value) : 0n;
  }
}

/** Implements `cast.ToFloat64`. */
export function toFloat64(value: Value): number {
  switch (typeof value) {
    case 'bigint':
      return Number(value);
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'string': {
      const parsed = parseGoFloat(value) ?? 0;
      return Number.isFinite(parsed) || /inf|nan/i.test(value) ? parsed : 0;
    }
    default:
      return value instanceof Integer && isPlain(value) ? Number(value.value) : 0;
  }
}

/** Whether cast converts an integer. It ignores named integer types, except months and weekdays. */
function isPlain(value: Integer): boolean {
  return value.type.name === value.type.kind || isNamedInt(value);
}

/** Converts a float as Go does on amd64: NaN and out-of-range values become the smallest integer. */
export function truncated(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : LEAST;
}

/** Removes zero decimals: `1.0` and `1.00` count as `1`. */
function withoutZeroDecimals(text: string): string {
  return text.replace(/\.0+$/, '');
}
