/** Sprig's string functions. Lengths and offsets are in bytes, as in Sprig. */
import { define, defineVariadic, type GoFunction, type Run } from '../function.ts';
import { sprintf } from '../format.ts';
import { quote } from '../quote.ts';
import { decodeRune, encodeRune, runeCount, runesOf } from '../utf8.ts';
import { ANY, BOOL, INT, int, STRING, STRING_DICT, Dict, STRINGS, strings } from '../value.ts';
import { mapRunes, pascalCase, swapCase, title, untitle } from './case.ts';
import type { FunctionTable } from './table.ts';
import { countOf, repeat, searching, slice, textFrom, textsFrom } from './text.ts';
import { isSpace, toLower, toUpper } from './unicode.ts';
import { joinWords } from './words.ts';
import { wrap } from './wrap.ts';

/** Defines a function of one string whose cost is proportional to its length. */
function mapping(map: (text: string) => string): GoFunction {
  return define([STRING], STRING, ([text], run) => {
    run.step(text.length);
    return map(text);
  });
}

function abbreviate(text: string, offset: bigint, width: bigint): string {
  const length = BigInt(text.length);
  if (text === '' || width < 4n) return '';
  if (length <= width) return text;
  // Move the start so that the end of the text is used.
  let from = offset > length ? length : offset;
  if (int(length - from) < width - 3n) from = length - (width - 3n);
  if (from <= 4n) return `${text.slice(0, Number(width - 3n))}...`;
  if (width < 7n) return '';
  if (from + width - 3n < length) return `...${abbreviate(text.slice(Number(from)), 0n, width - 3n)}`;
  return `...${text.slice(Number(length - (width - 3n)))}`;
}

function truncate(count: bigint, text: string): string {
  const length = BigInt(text.length);
  if (count < 0n && length + count > 0n) return text.slice(Number(length + count));
  return count >= 0n && length > count ? text.slice(0, Number(count)) : text;
}

function substring(start: bigint, end: bigint, text: string): string {
  if (start < 0n) return slice(text, undefined, end);
  return slice(text, start, end < 0n || end > BigInt(text.length) ? undefined : end);
}

/** Implements Go's `strings.Trim`: removes all leading and trailing runes of a set. */
function trim(set: string, text: string): string {
  const cut = new Set(runesOf(set));
  const kept = (rune: number): boolean => !cut.has(rune);
  return cut.size === 0 ? text : trimRunes(text, kept);
}

function trimRunes(text: string, isKept: (rune: number) => boolean): string {
  let first = -1;
  let end = 0;
  for (let at = 0; at < text.length;) {
    const [rune, size] = decodeRune(text, at);
    if (isKept(rune)) {
      if (first === -1) first = at;
      end = at + size;
    }
    at += size;
  }
  return first === -1 ? '' : text.slice(first, end);
}

function trimSpace(text: string): string {
  return trimRunes(text, (rune) => !isSpace(rune));
}

/** Filters bytes, as Sprig does, and writes the remaining ones as Latin-1 characters. */
function latinBytes(text: string, keep: (byte: number) => boolean): string {
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    if (keep(byte)) out += encodeRune(byte);
  }
  return out;
}

function withoutSpace(text: string): string {
  let kept = 0;
  const out = latinBytes(text, (byte) => {
    if (isSpace(byte)) return false;
    kept++;
    return true;
  });
  return kept === text.length ? text : out;
}

function initials(text: string): string {
  let afterSpace = true;
  return latinBytes(text, (byte) => {
    const first = afterSpace && !isSpace(byte);
    afterSpace = isSpace(byte);
    return first;
  });
}

function indent(spaces: bigint, text: string, run: Run): string {
  const pad = repeat(' ', spaces, run);
  run.allocate(text.length + pad.length * (countOf(text, '\n', run) + 1));
  return pad + text.replaceAll('\n', () => `\n${pad}`);
}

/** Implements Go's `strings.ReplaceAll`. An empty text matches between any two runes. */
function replace(
  text: string,
  { from, to }: { readonly from: string; readonly to: string },
  run: Run,
): string {
  if (from !== '') {
    const count = countOf(text, from, run);
    run.step(count);
    run.allocate(text.length + count * (to.length - from.length));
    return text.replaceAll(from, () => to);
  }
  run.allocate(text.length + (runeCount(text) + 1) * to.length);
  return (
    to +
    explode(text, -1, run)
      .map((rune) => rune + to)
      .join('')
  );
}

/** Splits a string into runes. If the number of pieces is limited, the last piece contains the rest. */
function explode(text: string, limit: number, run: Run): string[] {
  const count = limit < 0 ? Infinity : limit;
  const pieces: string[] = [];
  run.allocate(16 * Math.min(count, text.length));
  let at = 0;
  while (at < text.length && pieces.length + 1 < count) {
    const size = decodeRune(text, at)[1];
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

/** Implements Go's `strings.SplitN`: returns all pieces if the limit is negative, and none if it is zero. */
function split(
  text: string,
  { separator, limit }: { readonly separator: string; readonly limit: bigint },
  run: Run,
): string[] {
  if (limit === 0n) return [];
  if (separator === '') return explode(text, Number(limit), run);
  run.allocate(16 * (countOf(text, separator, run) + 1));
  const pieces = text.split(separator);
  const most = Number(limit);
  if (limit < 0n || pieces.length <= most) return pieces;
  return [...pieces.slice(0, most - 1), pieces.slice(most - 1).join(separator)];
}

/** Returns the pieces under the keys `_0`, `_1` and so on. */
function numbered(pieces: readonly string[]): Dict<string> {
  return new Dict(STRING_DICT, new Map(pieces.map((piece, index) => [`_${index}`, piece])));
}

const trimAll = define([STRING, STRING], STRING, ([set, text], run) => {
  run.step(set.length + text.length);
  return trim(set, text);
});

/** Sprig's string functions. */
export const STRING_FUNCTIONS: FunctionTable = {
  hello: define([], STRING, () => 'Hello!'),
  abbrev: define([INT, STRING], STRING, ([width, text]) => (width < 4n ? text : abbreviate(text, 0n, width))),
  abbrevboth: define([INT, INT, STRING], STRING, ([left, right, text]) => {
    return right < 4n || (left > 0n && right < 7n) ? text : abbreviate(text, left, right);
  }),
  trunc: define([INT, STRING], STRING, ([count, text]) => truncate(count, text)),
  trim: mapping(trimSpace),
  trimAll,
  trimall: trimAll,
  trimSuffix: define([STRING, STRING], STRING, ([suffix, text]) => {
    return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
  }),
  trimPrefix: define([STRING, STRING], STRING, ([prefix, text]) => {
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  }),
  upper: mapping((text) => mapRunes(text, toUpper)),
  lower: mapping((text) => mapRunes(text, toLower)),
  title: mapping(title),
  untitle: mapping(untitle),
  swapcase: mapping(swapCase),
  camelcase: mapping(pascalCase),
  snakecase: mapping((text) => joinWords(text, '_')),
  kebabcase: mapping((text) => joinWords(text, '-')),
  nospace: mapping(withoutSpace),
  initials: mapping(initials),
  substr: define([INT, INT, STRING], STRING, ([start, end, text]) => substring(start, end, text)),
  repeat: define([INT, STRING], STRING, ([count, text], run) => repeat(text, count, run)),
  wrap: define([INT, STRING], STRING, ([width, text], run) =>
    wrap(text, { width, newline: '\n', breakWords: false }, run),
  ),
  wrapWith: define([INT, STRING, STRING], STRING, ([width, separator, text], run) => {
    const newline = separator === '' ? '\n' : separator;
    return wrap(text, { width, newline, breakWords: true }, run);
  }),
  contains: define([STRING, STRING], BOOL, ([part, text], run) => {
    searching(text, part, run);
    return text.includes(part);
  }),
  hasPrefix: define([STRING, STRING], BOOL, ([prefix, text]) => text.startsWith(prefix)),
  hasSuffix: define([STRING, STRING], BOOL, ([suffix, text]) => text.endsWith(suffix)),
  quote: defineVariadic([ANY], STRING, (values, run) => {
    return values
      .filter((value) => value !== null)
      .map((value) => quote(textFrom(value, run)))
      .join(' ');
  }),
  squote: defineVariadic([ANY], STRING, (values, run) => {
    return values
      .filter((value) => value !== null)
      .map((value) => sprintf("'%v'", [value], run))
      .join(' ');
  }),
  cat: defineVariadic([ANY], STRING, (values, run) => {
    return values
      .filter((value) => value !== null)
      .map((value) => sprintf('%v', [value], run))
      .join(' ');
  }),
  indent: define([INT, STRING], STRING, ([spaces, text], run) => indent(spaces, text, run)),
  nindent: define([INT, STRING], STRING, ([spaces, text], run) => `\n${indent(spaces, text, run)}`),
  replace: define([STRING, STRING, STRING], STRING, ([from, to, text], run) =>
    replace(text, { from, to }, run),
  ),
  plural: define([STRING, STRING, INT], STRING, ([one, many, count]) => (count === 1n ? one : many)),
  toString: define([ANY], STRING, ([value], run) => textFrom(value, run)),
  toStrings: define([ANY], STRINGS, ([value], run) => {
    return STRINGS.holds(value) ? value : strings(textsFrom(value, run));
  }),
  join: define([STRING, ANY], STRING, ([separator, values], run) => {
    const texts = textsFrom(values, run);
    run.allocate(texts.reduce((size, text) => size + text.length, separator.length * texts.length));
    return texts.join(separator);
  }),
  split: define([STRING, STRING], STRING_DICT, ([separator, text], run) =>
    numbered(split(text, { separator, limit: -1n }, run)),
  ),
  splitn: define([STRING, INT, STRING], STRING_DICT, ([separator, limit, text], run) => {
    return numbered(split(text, { separator, limit }, run));
  }),
  splitList: define([STRING, STRING], STRINGS, ([separator, text], run) =>
    strings(split(text, { separator, limit: -1n }, run)),
  ),
};
