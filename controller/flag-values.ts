import { InvalidArgumentError } from 'commander';
import { parseGoBoolean, parseGoDuration } from '../shared/go-values.ts';

/** An address to listen on. */
export interface Address {
  /** Undefined: every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
}

// Each reader throws `InvalidArgumentError`, which says what is expected.

/** Reads a boolean as Go's strconv.ParseBool does. */
export function readBoolean(text: string): boolean {
  const on = parseGoBoolean(text);
  if (on === undefined) throw new InvalidArgumentError('Expected true or false.');
  return on;
}

/** The longest duration in ms: Go counts nanoseconds in 63 bits, which is 292 years. */
const LONGEST = 2 ** 63 / 1e6;

/** Reads a duration as Go's time.ParseDuration does (`720h`, `1h30m`, `-1.5s`, `0`). Returns ms. */
export function readDuration(text: string): number {
  const ms = parseGoDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 720h, 1h30m or 0.');
  if (Math.abs(ms) >= LONGEST) throw new InvalidArgumentError('Expected a duration of at most 292 years.');
  return ms;
}

/** Reads a duration that is not negative. Returns ms. */
export function readPeriod(text: string): number {
  const ms = readDuration(text);
  if (text.startsWith('-')) throw new InvalidArgumentError('Expected a duration such as 720h, 1h30m or 0.');
  return ms;
}

/** Reads a whole number. */
export function readInteger(text: string): number {
  const number = Number(text);
  if (!/^[-+]?[0-9]+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError('Expected an integer.');
  }
  return number;
}

/** Reads a number such as `2`, `0.5` or `1e3`. */
export function readNumber(text: string): number {
  const number = Number(text);
  if (!/^[-+]?[0-9.]/.test(text) || !Number.isFinite(number))
    throw new InvalidArgumentError('Expected a number.');
  return number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const RFC1123Z =
  /^(?:mon|tue|wed|thu|fri|sat|sun), ([0-9]{2}) ([a-z]{3}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})$/i;

/** Reads a date as Go's time.RFC1123Z, which `date -R` prints: `Mon, 02 Jan 2006 15:04:05 -0700`. */
export function readDate(text: string): Date {
  const match = RFC1123Z.exec(text);
  const [day = 0, , year = 0, hour = 0, minute = 0, second = 0] = (match?.slice(1, 7) ?? []).map(Number);
  const month = MONTHS.indexOf((match?.[2] ?? '').toLowerCase());
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  // Date.UTC turns a date that no calendar has into another one.
  const same = date.getUTCDate() === day && date.getUTCHours() === hour && date.getUTCSeconds() === second;
  if (match === null || month < 0 || !same || minute > 59) {
    throw new InvalidArgumentError('Expected a date such as "Mon, 02 Jan 2006 15:04:05 -0700".');
  }
  const offset = (Number(match[8]) * 60 + Number(match[9])) * 60_000;
  return new Date(date.getTime() + (match[7] === '-' ? offset : -offset));
}

/** Reads words between commas. Ignores empty words, and spaces around words. */
export function readWords(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Reads `NAME=VALUE,NAME=VALUE`; an empty text has no pairs. The last of two equal names counts. */
export function readPairs(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const part of readWords(text)) {
    const [, name, value = ''] = /^([^=]+)=([^]*)$/.exec(part) ?? [];
    if (name === undefined) throw new InvalidArgumentError('Expected NAME=VALUE,NAME=VALUE.');
    pairs.set(name.trim(), value.trim());
  }
  return pairs;
}

/** Returns a reader that accepts only these words. */
export function readChoice<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`Expected ${words.join(' or ')}.`);
    return found;
  };
}

/** Reads `HOST:PORT` or `:PORT`. An IPv6 address is in brackets. */
export function readAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw new InvalidArgumentError('Expected HOST:PORT or :PORT.');
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}
