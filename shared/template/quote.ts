/** Quotes and unquotes strings and characters as Go's `strconv` package does, for byte strings (see value.ts). */
import { decodeRune, encodeRune, RUNE_ERROR } from './utf8.ts';
import { isPrint } from './unicode.ts';

const NAMED = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
]);

const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/;

/** Implements `strconv.Quote` or, with `ascii`, `strconv.QuoteToASCII`. */
export function quote(text: string, ascii = false): string {
  if (NOTHING_TO_ESCAPE.test(text)) return `"${text}"`;
  let quoted = '"';
  for (let at = 0; at < text.length;) {
    const [rune, size] = decodeRune(text, at);
    if (rune === RUNE_ERROR && size === 1) quoted += `\\x${hex(text.charCodeAt(at), 2)}`;
    else quoted += escapeRune(rune, '"', ascii);
    at += size;
  }
  return `${quoted}"`;
}

/** Implements `strconv.QuoteRune` or, with `ascii`, `strconv.QuoteRuneToASCII`. */
export function quoteRune(rune: number, ascii = false): string {
  const valid = rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);
  return `'${escapeRune(valid ? rune : RUNE_ERROR, "'", ascii)}'`;
}

function escapeRune(rune: number, mark: '"' | "'", ascii: boolean): string {
  if (rune === mark.charCodeAt(0) || rune === 0x5c) return `\\${String.fromCharCode(rune)}`;
  if (isPrint(rune) && (rune < 0x80 || !ascii)) return encodeRune(rune);
  const named = NAMED.get(rune);
  if (named !== undefined) return named;
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

/** Implements `strconv.CanBackquote`: one line of valid UTF-8 without control characters or backquotes. */
export function canBackquote(text: string): boolean {
  for (let at = 0; at < text.length;) {
    const [rune, size] = decodeRune(text, at);
    at += size;
    if (size > 1) {
      if (rune === 0xfeff) return false;
      continue;
    }
    if (rune === RUNE_ERROR || (rune < 0x20 && rune !== 0x09) || rune === 0x60 || rune === 0x7f) return false;
  }
  return true;
}

/** Implements `strconv.Unquote` for a string in double quotes or backquotes. Returns null if the syntax is invalid. */
export function unquote(quoted: string): string | null {
  const inside = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return inside.replaceAll('\r', '');
  if (/^[ !#-[\]-~]*$/.test(inside)) return inside;
  let text = '';
  for (let at = 0; at < inside.length;) {
    const character = unquoteCharacter(inside, at, '"');
    if (character === null) return null;
    text += character.byte ? String.fromCharCode(character.value) : encodeRune(character.value);
    at = character.end;
  }
  return text;
}

/** A character of a quoted string. */
export interface Character {
  readonly value: number;
  /** Whether it is a single byte, written as `\x…` or in octal, rather than a rune. */
  readonly byte: boolean;
  /** The offset after the character. */
  readonly end: number;
}

const ESCAPES = new Map([
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
  ['\\', 0x5c],
]);

const HEX_DIGITS = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/**
 * Implements `strconv.UnquoteChar`: reads one character or escape of a text in `mark` quotes. Returns null if the
 * syntax is invalid.
 */
export function unquoteCharacter(text: string, at: number, mark: '"' | "'"): Character | null {
  const first = text.charAt(at);
  if (first === mark || first === '') return null;
  if (first !== '\\') {
    const [value, size] = decodeRune(text, at);
    return { value, byte: false, end: at + size };
  }
  const escape = text.charAt(at + 1);
  if (escape === mark) return { value: mark.charCodeAt(0), byte: false, end: at + 2 };
  const simple = ESCAPES.get(escape);
  if (simple !== undefined) return { value: simple, byte: false, end: at + 2 };
  const width = HEX_DIGITS.get(escape);
  if (width !== undefined) {
    const digits = text.slice(at + 2, at + 2 + width);
    if (digits.length < width || !/^[0-9a-fA-F]+$/.test(digits)) return null;
    const value = parseInt(digits, 16);
    if (escape !== 'x' && (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))) return null;
    return { value, byte: escape === 'x', end: at + 2 + width };
  }
  const octal = text.slice(at + 1, at + 4);
  if (!/^[0-3][0-7][0-7]$/.test(octal)) return null;
  return { value: parseInt(octal, 8), byte: true, end: at + 4 };
}

/**
 * Returns the value of a character constant with its quotes, such as `'\n'`. Returns null if it is invalid, and
 * undefined if it contains more than one character.
 */
export function unquoteRune(constant: string): number | null | undefined {
  const character = unquoteCharacter(constant, 1, "'");
  if (character === null) return null;
  return character.end === constant.length - 1 ? character.value : undefined;
}
