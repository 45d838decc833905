/** Formats and parses Go's `time.Duration`, in 64-bit nanoseconds. */
import { LimitError } from '../budget.ts';
import { failCall } from '../function.ts';
import { decimalInteger } from '../number.ts';

const NANOSECOND = 1n;
const MICROSECOND = 1000n;
const MILLISECOND = 1_000_000n;
/** One second, in nanoseconds. */
export const SECOND = 1_000_000_000n;
/** One minute, in nanoseconds. */
export const MINUTE = 60n * SECOND;
/** One hour, in nanoseconds. */
export const HOUR = 60n * MINUTE;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', NANOSECOND],
  ['us', MICROSECOND],
  ['\u00c2\u00b5s', MICROSECOND], // U+00B5, micro
  ['\u00ce\u00bcs', MICROSECOND], // U+03BC, mu
  ['ms', MILLISECOND],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
]);

/** Formats a duration as in `1h2m3.5s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < MICROSECOND) return `${sign}${size}ns`;
  if (size < MILLISECOND) return `${sign}${decimal(size, MICROSECOND)}\u00c2\u00b5s`;
  if (size < SECOND) return `${sign}${decimal(size, MILLISECOND)}ms`;
  const hours = size / HOUR;
  const minutes = (size / MINUTE) % 60n;
  const minutesToo = size >= MINUTE ? `${minutes}m` : '';
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutesToo}${decimal(size % MINUTE, SECOND)}s`;
}

function decimal(size: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(size % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(size / unit) : `${size / unit}.${fraction}`;
}

const LIMIT = 1n << 63n;

/** Implements Go's `time.ParseDuration`. Fails with its error message. */
export function parseDuration(text: string): bigint {
  const invalid = (): never => failCall(`time: invalid duration ${quoteForTime(text)}`);
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0n;
  if (unsigned === '') return invalid();
  let total = 0n;
  for (let left = unsigned; left !== '';) {
    const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(left) ?? [];
    if (whole === '' && fraction === '') return invalid();
    let size = decimalInteger(whole);
    if (size > LIMIT) return invalid();
    const unitName = /^[^.\d]*/.exec(left.slice(number.length))?.[0] ?? '';
    if (unitName === '') return failCall(`time: missing unit in duration ${quoteForTime(text)}`);
    const unit = UNITS.get(unitName);
    if (unit === undefined) {
      return failCall(`time: unknown unit ${quoteForTime(unitName)} in duration ${quoteForTime(text)}`);
    }
    size = size * unit + fractionOf(fraction, unit);
    total += size;
    if (size > LIMIT || total > LIMIT) return invalid();
    left = left.slice(number.length + unitName.length);
  }
  if (text.startsWith('-')) return -total;
  return total === LIMIT ? invalid() : total;
}

/** Converts a fraction in floating point, as Go does, with as many digits as fit in an int64. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** The maximum length of a quoted text, in bytes. Each byte may become four. */
const MOST_QUOTED = 16 << 10;

/** Quotes a text as Go's package time does: every byte that is not plain ASCII becomes `\xNN`. */
export function quoteForTime(text: string): string {
  if (text.length > MOST_QUOTED) throw new LimitError(`a time has more than ${MOST_QUOTED} bytes`);
  const escaped = text.replace(/["\\]|[^\x20-\x7f]/g, (byte) =>
    byte === '"' || byte === '\\' ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
