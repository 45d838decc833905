/** UTF-8 in Go's strings of bytes (see value.ts). */

/** What Go reads where bytes are no UTF-8. */
export const RUNE_ERROR = 0xfffd;

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Whether every byte is ASCII: then bytes, runes and JavaScript text are one. */
export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}

/** JavaScript text as bytes. A lone surrogate becomes U+FFFD. */
export function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** Bytes as JavaScript text, each byte that is no UTF-8 as U+FFFD of its own, as Go reads it. */
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

/** The bytes of a buffer. */
export function fromBuffer(buffer: Uint8Array): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1');
}

/** A new buffer with these bytes. */
export function toBuffer(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1');
}

/** The rune at a byte offset, and how many bytes it takes. What is no UTF-8 is U+FFFD of one byte. */
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

/** The UTF-8 of a rune; of what is none, that of U+FFFD. */
export function encodeRune(rune: number): string {
  if (rune >= 0 && rune < 0x80) return String.fromCharCode(rune);
  if (rune >= 0 && rune < 0x800) return String.fromCharCode(0xc0 | (rune >> 6), 0x80 | (rune & 0x3f));
  if (rune < 0 || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) return encodeRune(RUNE_ERROR);
  const low = [0x80 | ((rune >> 6) & 0x3f), 0x80 | (rune & 0x3f)];
  if (rune < 0x10000) return String.fromCharCode(0xe0 | (rune >> 12), ...low);
  return String.fromCharCode(0xf0 | (rune >> 18), 0x80 | ((rune >> 12) & 0x3f), ...low);
}

/** The runes of a string, as Go's `[]rune(s)`. */
export function runesOf(bytes: string): number[] {
  const runes: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [rune, size] = decodeRune(bytes, at);
    runes.push(rune);
    at += size;
  }
  return runes;
}

/** Go's `string(runes)`. */
export function stringOf(runes: readonly number[]): string {
  let bytes = '';
  for (const rune of runes) bytes += encodeRune(rune);
  return bytes;
}

/** Go's `utf8.RuneCountInString`. */
export function runeCount(bytes: string): number {
  if (isAscii(bytes)) return bytes.length;
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at += decodeRune(bytes, at)[1];
  return count;
}

/** Whether the bytes are UTF-8 throughout. */
export function isUtf8(bytes: string): boolean {
  for (let at = 0; at < bytes.length;) {
    const [rune, size] = decodeRune(bytes, at);
    if (rune === RUNE_ERROR && size === 1) return false;
    at += size;
  }
  return true;
}
