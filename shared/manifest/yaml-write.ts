import { needsEscape, quoteYaml } from './escape.ts';
import { goNumber } from './go-numbers.ts';
import { RESERVED } from './plain-yaml-read.ts';

/**
 * The maximum length of a plain key, in UTF-16 units. A longer key needs an explicit `?`: parsers do not look further
 * for the colon.
 */
const MAX_IMPLICIT_KEY = 1024;

/**
 * Formats a value as YAML with sorted keys, unindented lists and no folded lines. Quotes every string that a YAML 1.1
 * or 1.2 parser might read as something else. Omits fields that are `undefined`.
 */
export function formatYaml(value: unknown): string {
  return `${isCollection(value) ? lines(value).join('\n') : inLine(value)}\n`;
}

/** Returns the lines of a map or list, without base indentation. */
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
  // A list is in the same column as its key.
  const indent = Array.isArray(value) ? '' : '  ';
  return [...before, mark, ...lines(value).map((line) => indented(line, indent))];
}

/** Formats a value after a mark on the same line, and indents the lines that follow. */
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

/** Formats a scalar on one line. */
function inLine(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : quoted(value);
  return Object.is(value, -0) ? '-0' : JSON.stringify(value ?? null);
}

function quoted(text: string): string {
  const isSingle = text.includes('"') && !text.includes("'") && !text.includes('\n') && !needsEscape(text);
  return isSingle ? `'${text}'` : quoteYaml(text);
}

/** Whether a value is multi-line text that a block scalar can hold. Leading or trailing white space needs quotes. */
function isBlock(value: unknown): value is string {
  return (
    typeof value === 'string' && value.includes('\n') && !/^\s|\n[ \t]+$/.test(value) && !needsEscape(value)
  );
}

function block(text: string): string[] {
  const header = text.endsWith('\n\n') ? '|+' : text.endsWith('\n') ? '|' : '|-';
  return [header, ...text.replace(/\n$/, '').split('\n')];
}

/** Matches text in which YAML starts something other than a string, or ends the string. */
const INDICATOR = /^[\s,[\]{}#&*!|>'"%@`]|^(?:[?-]|---|\.\.\.|)(?:\s|$)|:\s|\s#|[\s:]$|\n/;

/** Numbers, times of day and dates of YAML 1.1 and 1.2, including those that Go does not recognize. */
const NUMBER = /^[-+]?(?=[0-9.e])(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?$/i;
const RADIX = /^[-+]?0[xob][-+]?[0-9a-f_]+$/i;
const TIME = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s]|$)/;
/** In YAML 1.1, `=` is the default value of a map. */
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

/** Matches most names, and all Base64 that starts with a letter, because the tests for other text are slow. */
const SIMPLE = /^[A-Za-z][A-Za-z0-9+/=._]*$/;
const EXPONENT = /^e\+?[0-9]+$/i;

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isEmpty(collection: object): boolean {
  if (Array.isArray(collection)) return collection.length === 0;
  return Object.values(collection).every((value) => value === undefined);
}
