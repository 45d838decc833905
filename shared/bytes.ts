// Text and base64 as bytes, on any runtime. Where Node's Buffer exists it does the work, since it is faster.

/** What is used of Node's Buffer, whose types are unknown where the code for browsers is checked. */
interface BufferClass {
  from(text: string, encoding: 'utf8' | 'base64'): Uint8Array<ArrayBuffer>;
  from(bytes: ArrayBufferLike, start: number, length: number): { toString(encoding: 'base64'): string };
}

/** Node's Buffer; undefined in a browser. */
const NodeBuffer = (globalThis as { readonly Buffer?: BufferClass }).Buffer;

/** How many bytes to convert at once: a function call takes a bounded number of arguments. */
const CHUNK = 8192;

/** Encodes a text in UTF-8. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return NodeBuffer ? NodeBuffer.from(text, 'utf8') : new TextEncoder().encode(text);
}

/** Decodes UTF-8, byte order mark included. Replaces what is not UTF-8 by U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Returns whether bytes are valid UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Encodes bytes in base64: standard alphabet, padded, on one line (RFC 4648, section 4). */
export function base64Text(bytes: Uint8Array): string {
  if (NodeBuffer) return NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  let characters = '';
  for (let at = 0; at < bytes.length; at += CHUNK)
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(characters);
}

/** Decodes valid base64. Use `decodeBase64` for a text that may be invalid. */
export function base64Bytes(text: string): Uint8Array<ArrayBuffer> {
  return NodeBuffer ? NodeBuffer.from(text, 'base64') : Uint8Array.from(atob(text), characterCode);
}

function characterCode(character: string): number {
  return character.charCodeAt(0);
}

/** Joins bytes. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Compares bytes in order. Returns a negative number if `a` comes first, a positive one if `b` does, else 0. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
