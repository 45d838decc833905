/** Go's time layouts, which are written as the reference time `Mon Jan 2 15:04:05 MST 2006`. */
import { LimitError } from '../budget.ts';

/** A part of a layout: literal text followed by one element, which is empty at the end of the layout. */
export interface Piece {
  readonly literal: string;
  readonly element: string;
}

const ELEMENT = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm',
    '[-Z](?:07:00:00|070000|07:00|0700|07)',
    '[.,](?:0+|9+)(?![0-9])',
  ].join('|'),
  'g',
);

/** The maximum length of a layout, in bytes. Each byte may be an element. */
const MOST_LAYOUT = 16 << 10;

/** Splits a layout into pieces. Only the last piece has no element. */
export function parseLayout(layout: string): Piece[] {
  if (layout.length > MOST_LAYOUT) throw new LimitError(`a time layout has more than ${MOST_LAYOUT} bytes`);
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    pieces.push({ literal: layout.slice(from, match.index), element: match[0] });
    from = match.index + match[0].length;
  }
  pieces.push({ literal: layout.slice(from), element: '' });
  return pieces;
}

/** Whether an element is a fraction of a second. */
export function isFraction(element: string): boolean {
  return element.startsWith('.') || element.startsWith(',');
}

/** The English names of the months. */
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** The English names of the weekdays, starting with Sunday. */
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;
