/** Implements Go's `time.ParseInLocation`. */
import { failCall } from '../function.ts';
import { daysBefore, daysIn, isLeap } from './calendar.ts';
import { quoteForTime } from './duration.ts';
import { parseLayout } from './layout.ts';
import { BadValue, type Fields, OutOfRange, readElement } from './read-time.ts';
import { Time } from './time.ts';
import { fixedZone, type Location, UTC } from './zones.ts';

/** Parses a time. Fails with Go's error message. */
export function parseTime(layout: string, value: string, location: Location): Time {
  const fail = (message: string): never => failCall(`parsing time ${quoteForTime(value)}${message}`);
  const cannot = (text: string, element: string): never => {
    const as = `as ${quoteForTime(layout)}: cannot parse ${quoteForTime(text)} as ${quoteForTime(element)}`;
    return fail(` ${as}`);
  };
  const fields: Fields = {
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    utc: false,
    offset: undefined,
    zoneName: '',
  };
  const pieces = parseLayout(layout);
  let left = value;
  for (const [index, { literal, element }] of pieces.entries()) {
    const skipped = skip(left, literal);
    left = skipped.left;
    if (!skipped.fits) return cannot(left, literal);
    if (element === '') break;
    try {
      left = readElement({ element, text: left, next: pieces[index + 1] }, fields);
    } catch (error) {
      if (error instanceof OutOfRange) return fail(`: ${error.message} out of range`);
      if (error instanceof BadValue) return cannot(left, element);
      throw error;
    }
  }
  if (left !== '') return fail(`: extra text: ${quoteForTime(left)}`);
  if (fields.half === 'pm' && fields.hour < 12) fields.hour += 12;
  if (fields.half === 'am' && fields.hour === 12) fields.hour = 0;
  if (fields.yearDay !== undefined) {
    const problem = placeInYear(fields, fields.yearDay);
    if (problem !== undefined) return fail(`: ${problem}`);
  }
  fields.month ??= 1;
  fields.day ??= 1;
  if (fields.day < 1 || fields.day > daysIn(fields.month, fields.year)) return fail(': day out of range');
  return timeOf(fields, location);
}

/** Skips literal text, which must match exactly, except that any number of spaces matches any other. */
function skip(value: string, literal: string): { readonly left: string; readonly fits: boolean } {
  let left = value;
  for (const [piece] of literal.matchAll(/ +|[^ ]/g)) {
    const fits = piece.startsWith(' ') ? left === '' || left.startsWith(' ') : left.startsWith(piece);
    if (!fits) return { left, fits };
    left = piece.startsWith(' ') ? left.replace(/^ +/, '') : left.slice(1);
  }
  return { left, fits: true };
}

/** Sets month and day from the day of the year, or returns why that is impossible. */
function placeInYear(fields: Fields, yearDay: number): string | undefined {
  let month: number | undefined;
  let day = 0;
  let left = yearDay;
  if (isLeap(fields.year)) {
    if (left === 31 + 29) {
      month = 2;
      day = 29;
    } else if (left > 31 + 29) {
      left--;
    }
  }
  if (left < 1 || left > 365) return 'day-of-year out of range';
  if (month === undefined) {
    month = Math.floor((left - 1) / 31) + 1;
    if (daysBefore(month + 1) < left) month++;
    day = left - daysBefore(month);
  }
  if (fields.month !== undefined && fields.month !== month) return 'day-of-year does not match month';
  if (fields.day !== undefined && fields.day !== day) return 'day-of-year does not match day';
  fields.month = month;
  fields.day = day;
  return undefined;
}

function timeOf(fields: Fields, location: Location): Time {
  const at = (zone: Location): Time =>
    Time.ofDate({ ...fields, month: fields.month ?? 1, day: fields.day ?? 1 }, zone);
  const { offset, zoneName } = fields;
  if (fields.utc) return at(UTC);
  // -1 is Go's own marker for "no offset", so an offset of -1 s counts as none.
  if (offset !== undefined && offset !== -1) {
    const time = at(UTC).addSeconds(BigInt(-offset));
    const here = location.at(time.seconds);
    const local = here.offset === offset && (zoneName === '' || here.abbreviation === zoneName);
    return time.in(local ? location : fixedZone(zoneName, offset));
  }
  if (zoneName === '') return at(location);
  const time = at(UTC);
  const known = location.offsetOf(zoneName, time.seconds);
  if (known !== undefined) return time.addSeconds(BigInt(-known)).in(location);
  // An unknown zone is read as UTC. It is displayed with an offset only if its name has the form GMT+3.
  const hours = zoneName.startsWith('GMT') ? Number(zoneName.slice(3)) : 0;
  return time.in(fixedZone(zoneName, hours * 3600));
}
