/**
 * More of Go's `unicode` package: letter cases, and the character classes that Sprig uses. Go maps one character to
 * one character, whereas JavaScript uses the full mappings ("ß" to "SS"). A character that JavaScript maps to several
 * is unchanged, except for the Greek letters with iota subscript.
 */
import { isIn } from '../unicode.ts';

export { isDigit, isLetter } from '../unicode.ts';

/** Implements Go's `unicode.ToUpper`. */
export function toUpper(rune: number): number {
  if (rune < 0x80) return rune >= 0x61 && rune <= 0x7a ? rune - 0x20 : rune;
  if (rune >= 0x1f80 && rune <= 0x1faf) return rune | 8;
  if (rune === 0x1fb3 || rune === 0x1fc3 || rune === 0x1ff3) return rune + 9;
  return single(String.fromCodePoint(rune).toUpperCase(), rune);
}

/** Implements Go's `unicode.ToLower`. */
export function toLower(rune: number): number {
  if (rune < 0x80) return rune >= 0x41 && rune <= 0x5a ? rune + 0x20 : rune;
  if (rune === 0x130) return 0x69;
  return single(String.fromCodePoint(rune).toLowerCase(), rune);
}

/** Implements Go's `unicode.ToTitle`: upper case, except for digraphs, and for Georgian, which has no title case. */
export function toTitle(rune: number): number {
  if (rune >= 0x1c4 && rune <= 0x1cc) return rune - ((rune - 0x1c4) % 3) + 1;
  if (rune >= 0x1f1 && rune <= 0x1f3) return 0x1f2;
  if (rune >= 0x10d0 && rune <= 0x10ff) return rune;
  return toUpper(rune);
}

function single(mapped: string, rune: number): number {
  const first = mapped.codePointAt(0) ?? rune;
  const alone = mapped.length === (first > 0xffff ? 2 : 1);
  return alone && isIn(/./su, first) && isIn(/./su, rune) ? first : rune;
}

/** Implements Go's `unicode.IsUpper`. */
export const isUpper = property(/\p{Lu}/u);
/** Implements Go's `unicode.IsLower`. U+0295 was a lower-case letter in earlier versions of Unicode. */
export const isLower = property(/\p{Ll}|\u0295/u);
/** Implements Go's `unicode.IsTitle`. */
export const isTitle = property(/\p{Lt}/u);
/** Implements Go's `unicode.IsNumber`. */
export const isNumber = property(/\p{N}/u);
/** Implements Go's `unicode.IsPunct`. */
export const isPunct = property(/\p{P}/u);
/** Implements Go's `unicode.IsSpace`. */
export const isSpace = property(/[\t\n\v\f\r \u0085\u00a0\p{Z}]/u);

/** Whether `snakecase` and similar functions treat a rune as a word separator. */
export function isConnector(rune: number): boolean {
  return rune === 0x2d || rune === 0x5f || isSpace(rune);
}

function property(pattern: RegExp): (rune: number) => boolean {
  const ascii = Array.from({ length: 0x80 }, (_, rune) => isIn(pattern, rune));
  return (rune) => ascii[rune] ?? isIn(pattern, rune);
}
