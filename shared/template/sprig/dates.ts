/** Sprig's date and duration functions. */
import { define, impure, type Run } from '../function.ts';
import { decimalInteger } from '../number.ts';
import { ANY, Integer, STRING, type Value } from '../value.ts';
import { formatDuration, HOUR, MINUTE, parseDuration, SECOND } from './duration.ts';
import { parseTime } from './parse-time.ts';
import { roundDuration, TIME, Time, ZERO_TIME } from './time.ts';
import { type Location, loadZone, UTC } from './zones.ts';
import { type FunctionTable, orElse } from './table.ts';

function local(run: Run): Location {
  return loadZone(run.localZone) ?? UTC;
}

function now(run: Run): Time {
  return Time.ofMilliseconds(run.now(), local(run));
}

/** Converts a time, or seconds since 1970, to a time. Any other value means now. */
function timeFrom(value: Value, run: Run, types: readonly string[]): Time {
  if (value instanceof Time) return value;
  if (typeof value === 'bigint') return new Time(value, 0, local(run));
  if (value instanceof Integer && types.includes(value.type.name))
    return new Time(value.value, 0, local(run));
  return now(run);
}

interface Style {
  readonly layout: string;
  /** The IANA name of a time zone, or `Local`. */
  readonly zone: string;
}

function format(date: Value, { layout, zone }: Style, run: Run): string {
  const time = timeFrom(date, run, ['int64', 'int32']);
  const location = zone === 'Local' ? local(run) : (loadZone(zone) ?? UTC);
  return time.in(location).format(layout);
}

const dateInZone = define([STRING, ANY, STRING], STRING, ([layout, date, zone], run) => {
  return format(date, { layout, zone }, run);
});

function modify(span: string, date: Time): Time {
  return date.add(parseDuration(span));
}

const dateModify = define([STRING, TIME], TIME, ([span, date]) => orElse(() => modify(span, date), date));
const mustDateModify = define([STRING, TIME], TIME, ([span, date]) => modify(span, date));

/** Converts a value to whole seconds, as a 64-bit integer like in Go. */
function secondsFrom(value: Value): bigint {
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) return 0n;
    const size = decimalInteger(value.replace(/^[+-]/, ''));
    const seconds = value.startsWith('-') ? -size : size;
    // Clamp values that are out of range.
    const wrapped = BigInt.asIntN(64, seconds);
    return wrapped === seconds ? seconds : seconds < 0n ? -(1n << 63n) : (1n << 63n) - 1n;
  }
  return value instanceof Integer && value.type.name === 'int64' ? value.value : 0n;
}

function durationFrom(value: Value, run: Run): bigint {
  if (typeof value === 'string') return orElse(() => parseDuration(value), 0n);
  if (value instanceof Time) return now(run).since(value);
  return value instanceof Integer && value.type.name === 'int64' ? value.value : 0n;
}

const DAY = 24n * HOUR;

const ROUND_UNITS: readonly (readonly [unit: bigint, name: string])[] = [
  [365n * DAY, 'y'],
  [30n * DAY, 'mo'],
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
];

/** Formats a duration, without its sign, in the largest unit that is smaller than the duration. */
function roundToUnit(span: bigint): string {
  const size = span < 0n ? -span : span;
  const [unit, name] = ROUND_UNITS.find(([one]) => size > one) ?? [SECOND, ''];
  return name === '' ? '0s' : `${size / unit}${name}`;
}

/** Sprig's date and duration functions, by name. */
export const DATES: FunctionTable = {
  now: impure(define([], TIME, (_, run) => now(run))),
  ago: impure(
    define([ANY], STRING, ([date], run) => {
      return formatDuration(roundDuration(now(run).since(timeFrom(date, run, ['int64'])), SECOND));
    }),
  ),
  date: define([STRING, ANY], STRING, ([layout, date], run) => format(date, { layout, zone: 'Local' }, run)),
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: define([ANY], STRING, ([date], run) =>
    format(date, { layout: '2006-01-02', zone: 'Local' }, run),
  ),
  htmlDateInZone: define([ANY, STRING], STRING, ([date, zone], run) =>
    format(date, { layout: '2006-01-02', zone }, run),
  ),
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  duration: define([ANY], STRING, ([seconds]) =>
    formatDuration(BigInt.asIntN(64, secondsFrom(seconds) * SECOND)),
  ),
  durationRound: define([ANY], STRING, ([span], run) => roundToUnit(durationFrom(span, run))),
  toDate: define([STRING, STRING], TIME, ([layout, value], run) => {
    return orElse(() => parseTime(layout, value, local(run)), ZERO_TIME);
  }),
  mustToDate: define([STRING, STRING], TIME, ([layout, value], run) => parseTime(layout, value, local(run))),
  unixEpoch: define([TIME], STRING, ([date]) => String(date.seconds)),
};
