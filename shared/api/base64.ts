import { base64Bytes, utf8Bytes } from '../bytes.ts';

// Strict base64 as Kubernetes decodes it: standard alphabet, padded, line breaks allowed (RFC 4648, section 4).

/** The bytes, or the offset of the first input byte that is not valid base64. */
export type Decoded =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly offset: number };

/** Decodes base64. Returns the offset that Go's decoder reports if the text is invalid. */
export function decodeBase64(text: string): Decoded {
  const packed = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  if (packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed)) {
    return { ok: true, bytes: base64Bytes(packed) };
  }
  return { ok: false, offset: firstIllegalByte(text) };
}

function firstIllegalByte(text: string): number {
  const bytes = utf8Bytes(text);
  let inQuantum = 0;
  let position = 0;
  for (; position < bytes.length; position++) {
    const character = String.fromCharCode(bytes[position] ?? 0);
    if (character === '\r' || character === '\n') continue;
    if (character === '=') return illegalPadding(bytes, position, inQuantum);
    if (!/[A-Za-z0-9+/]/.test(character)) return position;
    inQuantum = (inQuantum + 1) % 4;
  }
  return position - inQuantum;
}

function illegalPadding(bytes: Uint8Array, first: number, inQuantum: number): number {
  if (inQuantum < 2) return first;
  let next = afterLineBreaks(bytes, first + 1);
  if (inQuantum === 2) {
    if (next >= bytes.length) return bytes.length;
    if (bytes[next] !== 0x3d) return next - 1;
    next = afterLineBreaks(bytes, next + 1);
  }
  return next;
}

function afterLineBreaks(bytes: Uint8Array, from: number): number {
  let position = from;
  while (bytes[position] === 0x0a || bytes[position] === 0x0d) position++;
  return position;
}
