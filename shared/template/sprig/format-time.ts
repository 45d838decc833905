/** Implements Go's `Time.Format`. */
import type { Civil } from './calendar.ts';
import { isFraction, MONTHS, parseLayout, WEEKDAYS } from './layout.ts';
import type { ZoneAt } from './zones.ts';

/** A time as displayed in a zone. */
export interface Written {
  readonly civil: Civil;
  readonly nanosecond: number;
  readonly zone: ZoneAt;
}

/** Formats a time with a Go layout. */
export function formatTime(layout: string, time: Written): string {
  return parseLayout(layout)
    .map(({ literal, element }) => literal + formatElement(element, time))
    .join('');
}

function formatElement(element: string, { civil, nanosecond, zone }: Written): string {
  const form = ELEMENTS[element];
  if (form !== undefined) return form(civil);
  if (element === '') return '';
  if (element === 'MST')
    return zone.abbreviation === '' ? formatOffset('-0700', zone.offset) : zone.abbreviation;
  return isFraction(element) ? formatFraction(element, nanosecond) : formatOffset(element, zone.offset);
}

const ELEMENTS: Readonly<Record<string, (civil: Civil) => string>> = {
  January: ({ month }) => MONTHS[month - 1] ?? '',
  Jan: ({ month }) => MONTHS[month - 1]?.slice(0, 3) ?? '',
  1: ({ month }) => String(month),
  '01': ({ month }) => zeros(month, 2),
  Monday: ({ weekday }) => WEEKDAYS[weekday] ?? '',
  Mon: ({ weekday }) => WEEKDAYS[weekday]?.slice(0, 3) ?? '',
  2: ({ day }) => String(day),
  _2: ({ day }) => String(day).padStart(2),
  '02': ({ day }) => zeros(day, 2),
  __2: ({ yearDay }) => String(yearDay).padStart(3),
  '002': ({ yearDay }) => zeros(yearDay, 3),
  15: ({ hour }) => zeros(hour, 2),
  3: ({ hour }) => String(hour % 12 || 12),
  '03': ({ hour }) => zeros(hour % 12 || 12, 2),
  4: ({ minute }) => String(minute),
  '04': ({ minute }) => zeros(minute, 2),
  5: ({ second }) => String(second),
  '05': ({ second }) => zeros(second, 2),
  2006: ({ year }) => zeros(year, 4),
  '06': ({ year }) => zeros(Math.max(year, 0) % 100, 2),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
};

function zeros(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(width, '0');
  return value < 0 ? `-${digits}` : digits;
}

/**
 * Formats a fraction of a second. `.000` keeps trailing zeros; `.999` drops them, and the separator if no digit is
 * left.
 */
function formatFraction(element: string, nanosecond: number): string {
  const digits = zeros(nanosecond, 9).slice(0, element.length - 1);
  if (element.endsWith('0')) return element.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : element.charAt(0) + trimmed;
}

function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const minutes = Math.trunc(offset / 60);
  const sign = minutes < 0 ? '-' : '+';
  const size = Math.abs(minutes);
  // For an offset of less than a minute, Go puts the sign on the seconds.
  const seconds = minutes < 0 ? -offset : offset;
  const colon = element.includes(':') ? ':' : '';
  const length = element.length - (colon === '' ? 0 : element.split(':').length - 1);
  let text = sign + zeros(Math.floor(size / 60), 2);
  if (length >= 5) text += colon + zeros(size % 60, 2);
  if (length >= 7) text += colon + zeros(seconds % 60, 2);
  return text;
}
