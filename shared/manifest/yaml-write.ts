import { needsEscape, quoteYaml } from './escape.ts';
import { goNumber } from './go-numbers.ts';
import { RESERVED } from './plain-yaml-read.ts';

/** A longer key needs a mark of its own: readers look no further for the colon. In UTF-16 units. */
const MAX_IMPLICIT_KEY = 1024;

/**
 * Writes a value as YAML: keys sorted, lists not indented, no line folded. Every string is quoted that a reader of YAML
 * 1.1 or 1.2 may take for something else. Fields that are `undefined` are not written.
 */
export function formatYaml(value: unknown): string {
  return `${isCollection(value) ? lines(value).join('\n') : inLine(value)}\n`;
}

/** The lines of a map or list, without indentation of their own. */
function lines(collection: object): string[] {
  if (Array.isArray(collection)) {
    const items: readonly unknown[] = collection;
    return items.length === 0 ? ['[]'] : items.flatMap((item) => behind('-', item));
  }
  const entries = (Object.entries(collection) as [string, unknown][]).filter(
    ([, value]) => value !== undefined,
  );
  if (entries.length === 0) return ['{}'];
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([key, value]) => entry(key, value));
}

function entry(key: string, value: unknown): string[] {
  const text = inLine(key);
  const [before, mark] = text.length > MAX_IMPLICIT_KEY ? [[`? ${text}`], ':'] : [[], `${text}:`];
  if (!isCollection(value) || isEmpty(value)) return [...before, ...behind(mark, value)];
  // A list stands below its key, in the same column.
  const indent = Array.isArray(value) ? '' : '  ';
  return [...before, mark, ...lines(value).map((line) => indented(line, indent))];
}

/** A value behind a mark, in the line of the mark; what follows of it is indented. */
function behind(mark: string, value: unknown): string[] {
  const [first = '', ...rest] = isCollection(value)
    ? lines(value)
    : isBlock(value)
      ? block(value)
      : [inLine(value)];
  return [`${mark} ${first}`, ...rest.map((line) => indented(line, '  '))];
}

function indented(line: string, indent: string): string {
  return line === '' ? '' : indent + line;
}

/** A scalar in one line. */
function inLine(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : quoted(value);
  return Object.is(value, -0) ? '-0' : JSON.stringify(value ?? null);
}

function quoted(text: string): string {
  const isSingle = text.includes('"') && !text.includes("'") && !text.includes('\n') && !needsEscape(text);
  return isSingle ? `'${text}'` : quoteYaml(text);
}

/** Whether a value is a text of several lines that can stand as such. White space at its ends needs quotes. */
function isBlock(value: unknown): value is string {
  return (
    typeof value === 'string' && value.includes('\n') && !/^\s|\n[ \t]+$/.test(value) && !needsEscape(value)
  );
}

function block(text: string): string[] {
  const header = text.endsWith('\n\n') ? '|+' : text.endsWith('\n') ? '|' : '|-';
  return [header, ...text.replace(/\n$/, '').split('\n')];
}

/** Where YAML begins something else than a string, or ends it. */
const INDICATOR = /^[\s,[\]{}#&*!|>'"%@`]|^(?:[?-]|---|\.\.\.|)(?:\s|$)|:\s|\s#|[\s:]$|\n/;

/** Numbers, times of day and dates of YAML 1.1 and 1.2, beyond those that Go reads. */
const NUMBER = /^[-+]?(?=[0-9.e])(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?$/i;
const RADIX = /^[-+]?0[xob][-+]?[0-9a-f_]+$/i;
const TIME = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s]|$)/;
/** To YAML 1.1, `=` is the default value of a map. */
const OTHER = /^(?:~|=|<<|[-+]\.inf)$/i;

/** Whether a text needs no quotes. */
function isPlain(text: string): boolean {
  if (SIMPLE.test(text)) return !RESERVED.test(text) && !EXPONENT.test(text);
  if (INDICATOR.test(text) || RESERVED.test(text) || OTHER.test(text) || needsEscape(text)) return false;
  return (
    !NUMBER.test(text.replaceAll('_', '')) &&
    !RADIX.test(text) &&
    !TIME.test(text) &&
    !DATE.test(text) &&
    goNumber(text) === undefined
  );
}

/** Most names and all Base64 that begins with a letter: the tests of other texts take long. */
const SIMPLE = /^[A-Za-z][A-Za-z0-9+/=._]*$/;
const EXPONENT = /^e\+?[0-9]+$/i;

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isEmpty(collection: object): boolean {
  if (Array.isArray(collection)) return collection.length === 0;
  return Object.values(collection).every((value) => value === undefined);
}
