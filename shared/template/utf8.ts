/** UTF-8 in byte strings (see value.ts). */

/** U+FFFD, the rune that Go decodes invalid UTF-8 to. */
export const RUNE_ERROR = 0xfffd;

/** How many bytes to convert at once: a function call takes a bounded number of arguments. */
const CHUNK = 8192;

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Whether every character is ASCII. Bytes, runes and JavaScript text are then the same. */
export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}

/** Converts JavaScript text to bytes. A lone surrogate becomes U+FFFD. */
export function bytesOf(text: string): string {
  if (isAscii(text)) return text;
  const encoded = new TextEncoder().encode(text);
  let bytes = '';
  for (let at = 0; at < encoded.length; at += CHUNK)
    bytes += String.fromCharCode(...encoded.subarray(at, at + CHUNK));
  return bytes;
}

/** Converts bytes to JavaScript text. As in Go, each byte that is not valid UTF-8 becomes one U+FFFD. */
export function textOf(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const [rune, size] = decodeRune(bytes, at);
    text += String.fromCodePoint(rune);
    at += size;
  }
  return text;
}

/** Returns the rune at a byte offset and its size in bytes. Invalid UTF-8 yields U+FFFD with a size of 1. */
export function decodeRune(bytes: string, at: number): readonly [rune: number, size: number] {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return [first, 1];
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + size > bytes.length) return [RUNE_ERROR, 1];
  let rune = first & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const byte = bytes.charCodeAt(at + i);
    if ((byte & 0xc0) !== 0x80) return [RUNE_ERROR, 1];
    rune = (rune << 6) | (byte & 0x3f);
  }
  const overlong = (size === 3 && rune < 0x800) || (size === 4 && rune < 0x10000);
  const surrogate = rune >= 0xd800 && rune <= 0xdfff;
  return overlong || surrogate || rune > 0x10ffff ? [RUNE_ERROR, 1] : [rune, size];
}

/** Encodes a rune as UTF-8. An invalid rune becomes U+FFFD. */
export function encodeRune(rune: number): string {
  if (rune >= 0 && rune < 0x80) return String.fromCharCode(rune);
  if (rune >= 0 && rune < 0x800) return String.fromCharCode(0xc0 | (rune >> 6), 0x80 | (rune & 0x3f));
  if (rune < 0 || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) return encodeRune(RUNE_ERROR);
  const low = [0x80 | ((rune >> 6) & 0x3f), 0x80 | (rune & 0x3f)];
  if (rune < 0x10000) return String.fromCharCode(0xe0 | (rune >> 12), ...low);
  return String.fromCharCode(0xf0 | (rune >> 18), 0x80 | ((rune >> 12) & 0x3f), ...low);
}

/** Returns the runes of a string, as Go's `[]rune(s)` does. */
export function runesOf(bytes: string): number[] {
  const runes: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [rune, size] = decodeRune(bytes, at);
    runes.push(rune);
    at += size;
  }
  return runes;
}

/** Encodes runes as a string, as Go's `string(runes)` does. */
export function stringOf(runes: readonly number[]): string {
  let bytes = '';
  for (const rune of runes) bytes += encodeRune(rune);
  return bytes;
}

/** Implements Go's `utf8.RuneCountInString`. */
export function runeCount(bytes: string): number {
  if (isAscii(bytes)) return bytes.length;
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at += decodeRune(bytes, at)[1];
  return count;
}

/** Whether all bytes are valid UTF-8. */
export function isUtf8(bytes: string): boolean {
  for (let at = 0; at < bytes.length;) {
    const [rune, size] = decodeRune(bytes, at);
    if (rune === RUNE_ERROR && size === 1) return false;
    at += size;
  }
  return true;
}
