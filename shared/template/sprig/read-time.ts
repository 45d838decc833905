/** Parses the individual elements of a time, which `parse-time.ts` combines. */
import { decimalInteger } from '../number.ts';
import { isFraction, MONTHS, WEEKDAYS } from './layout.ts';

/** The fields parsed so far. */
export interface Fields {
  year: number;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half: 'am' | 'pm' | undefined;
  utc: boolean;
  offset: number | undefined;
  zoneName: string;
}

/** Thrown when a value does not match its element. */
export class BadValue extends Error {}

/** Thrown when a value matches its element but is out of range; `message` names the field. */
export class OutOfRange extends Error {}

function bad(): never {
  throw new BadValue();
}

/** Consumes the prefix that a pattern matches. */
function take(pattern: RegExp, text: string): readonly [taken: string, left: string] {
  const taken = pattern.exec(text)?.[0] ?? bad();
  return [taken, text.slice(taken.length)];
}

function takeNumber(pattern: RegExp, text: string): readonly [value: number, left: string] {
  const [digits, left] = take(pattern, text);
  return [Number(digits), left];
}

const ONE_OR_TWO = /^\d\d?/;
const TWO = /^\d\d/;

/** One element of a layout, and the text to parse. */
export interface ElementInput {
  readonly element: string;
  readonly text: string;
  /** The element that follows; undefined at the end of the layout. */
  readonly next: { readonly element: string } | undefined;
}

/** Parses one element at the start of the text into its field. Returns the remaining text. */
export function readElement({ element, text, next }: ElementInput, fields: Fields): string {
  switch (element) {
    case 'January':
    case 'Jan':
      return readName(
        text,
        { names: MONTHS, short: element.length === 3 },
        (index) => (fields.month = index + 1),
      );
    case 'Monday':
    case 'Mon':
      return readName(text, { names: WEEKDAYS, short: element.length === 3 }, () => undefined);
    case '1':
    case '01':
      return readNumber(
        text,
        { what: 'month', digits: element === '1' ? ONE_OR_TWO : TWO, least: 1, most: 12 },
        (month) => (fields.month = month),
      );
    case '2':
    case '_2':
    case '02': {
      const from = element === '_2' ? text.replace(/^ /, '') : text;
      return readNumber(
        from,
        { what: 'day', digits: element !== '02' ? ONE_OR_TWO : TWO, least: 0, most: 99 },
        (day) => (fields.day = day),
      );
    }
    case '__2':
    case '002': {
      const from = element === '__2' ? text.replace(/^ {1,2}/, '') : text;
      const [yearDay, left] = takeNumber(element === '002' ? /^\d\d\d/ : /^\d{1,3}/, from);
      fields.yearDay = yearDay;
      return left;
    }
    case '2006': {
      const [year, left] = takeNumber(/^\d{4}/, text);
      fields.year = year;
      return left;
    }
    case '06': {
      // Go's own number parser accepts a sign here.
      const [year, left] = takeNumber(/^(?:\d\d|[-+]\d)/, text);
      fields.year = year >= 69 ? year + 1900 : year + 2000;
      return left;
    }
    case '15':
      return readNumber(
        text,
        { what: 'hour', digits: ONE_OR_TWO, least: 0, most: 23 },
        (hour) => (fields.hour = hour),
      );
    case '3':
    case '03':
      return readNumber(
        text,
        { what: 'hour', digits: element === '3' ? ONE_OR_TWO : TWO, least: 0, most: 12 },
        (hour) => (fields.hour = hour),
      );
    case '4':
    case '04':
      return readNumber(
        text,
        { what: 'minute', digits: element === '4' ? ONE_OR_TWO : TWO, least: 0, most: 59 },
        (minute) => (fields.minute = minute),
      );
    case '5':
    case '05':
      return readSecond({ element, text, next }, fields);
    case 'PM':
    case 'pm': {
      const [half, left] = take(element === 'PM' ? /^[AP]M/ : /^[ap]m/, text);
      fields.half = half.startsWith('P') || half.startsWith('p') ? 'pm' : 'am';
      return left;
    }
    case 'MST':
      return readZoneName(text, fields);
    default:
      return isFraction(element) ? readFraction(element, text, fields) : readOffset(element, text, fields);
  }
}

function readName(
  text: string,
  { names, short }: { readonly names: readonly string[]; readonly short: boolean },
  found: (index: number) => void,
): string {
  const index = names.findIndex((name) => {
    const wanted = short ? name.slice(0, 3) : name;
    return text.slice(0, wanted.length).toLowerCase() === wanted.toLowerCase();
  });
  const name = names[index] ?? bad();
  found(index);
  return text.slice(short ? 3 : name.length);
}

/** The numbers that an element allows. */
interface NumberRange {
  /** The name of the field in error messages. */
  readonly what: string;
  readonly digits: RegExp;
  readonly least: number;
  readonly most: number;
}

function readNumber(
  text: string,
  { what, digits, least, most }: NumberRange,
  found: (value: number) => void,
): string {
  const [value, left] = takeNumber(digits, text);
  if (value < least || value > most) throw new OutOfRange(what);
  found(value);
  return left;
}

/** Parses the seconds. A fraction may follow them even if the layout has none. */
function readSecond({ element, text, next }: ElementInput, fields: Fields): string {
  const left = readNumber(
    text,
    { what: 'second', digits: element === '5' ? ONE_OR_TWO : TWO, least: 0, most: 59 },
    (second) => (fields.second = second),
  );
  if (!/^[.,]\d/.test(left) || isFraction(next?.element ?? '')) return left;
  const [fraction, rest] = take(/^[.,]\d+/, left);
  fields.nanosecond = nanosecondsOf(fraction);
  return rest;
}

function readFraction(element: string, text: string, fields: Fields): string {
  if (element.endsWith('9')) {
    const fraction = /^[.,]\d+/.exec(text)?.[0];
    if (fraction === undefined) return text;
    fields.nanosecond = nanosecondsOf(fraction);
    return text.slice(fraction.length);
  }
  const fraction = text.slice(0, element.length);
  if (fraction.length < element.length || !/^[.,]([-+]?\d+)$/.test(fraction)) bad();
  const left = text.slice(fraction.length);
  const nanosecond = nanosecondsOf(fraction);
  if (nanosecond < 0) throw new OutOfRange('fractional second');
  fields.nanosecond = nanosecond;
  return left;
}

/** Only nine digits count. */
function nanosecondsOf(fraction: string): number {
  const digits = fraction.slice(1, 10);
  return Number(digits) * 10 ** (9 - digits.length);
}

function readOffset(element: string, text: string, fields: Fields): string {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    fields.utc = true;
    return text.slice(1);
  }
  const wanted = text.slice(0, element.length);
  if (wanted.length < element.length) bad();
  for (const at of [3, 6]) if (element[at] === ':' && wanted[at] !== ':') bad();
  const [hours = '', minutes = '00', seconds = '00'] =
    wanted.slice(1).replaceAll(':', '').match(/..?/gs) ?? [];
  const left = text.slice(wanted.length);
  const numbers = [hours, minutes, seconds].map((part) => (/^\d\d$/.test(part) ? Number(part) : undefined));
  const until = numbers.includes(undefined) ? numbers.indexOf(undefined) : 3;
  const [hour = 0, minute = 0, second = 0] = numbers.slice(0, until);
  // Some people write offsets of 24 hours, 60 minutes or 60 seconds. Range errors take precedence over digit errors.
  if (hour > 24) throw new OutOfRange('time zone offset hour');
  if (minute > 60) throw new OutOfRange('time zone offset minute');
  if (second > 60) throw new OutOfRange('time zone offset second');
  if (until < 3 || !/^[+-]/.test(wanted)) bad();
  const size = (hour * 60 + minute) * 60 + second;
  fields.offset = wanted.startsWith('-') ? -size : size;
  return left;
}

function readZoneName(text: string, fields: Fields): string {
  if (text.startsWith('UTC')) {
    fields.utc = true;
    return text.slice(3);
  }
  const name = zoneNameAt(text);
  fields.zoneName = name;
  return text.slice(name.length);
}

function zoneNameAt(text: string): string {
  if (text.length < 3) return bad();
  if (/^(?:ChST|MeST)/.test(text)) return text.slice(0, 4);
  if (text.startsWith('GMT')) return `GMT${signedOffsetAt(text.slice(3))}`;
  if (/^[+-]/.test(text)) return signedOffsetAt(text) || bad();
  const capitals = /^[A-Z]{0,6}/.exec(text)?.[0] ?? '';
  if (capitals.length === 3) return capitals;
  if (capitals.length === 4 && (capitals.endsWith('T') || capitals === 'WITA')) return capitals;
  if (capitals.length === 5 && capitals.endsWith('T')) return capitals;
  return bad();
}

/** Returns an offset such as +3 or -11, at most 23 in any notation, or an empty string. */
function signedOffsetAt(text: string): string {
  const found = /^[+-]\d+/.exec(text)?.[0] ?? '';
  return found !== '' && decimalInteger(found.slice(1)) <= 23n ? found : '';
}
