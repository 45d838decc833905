/** Writes the subset of ASN.1 DER that keys and certificates need. */

import { TAG } from './der-read.ts';

/** Encodes one element: tag, length, content. */
export function encode(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}

/** Encodes a SEQUENCE. */
export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return encode(TAG.sequence, ...elements);
}

/** Encodes a non-negative INTEGER. */
export function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return encode(TAG.integer, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : []), bytes);
}

/** Encodes an OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f));
    bytes.push(...groups);
  }
  return encode(TAG.oid, Buffer.from(bytes));
}

/** Encodes a BIT STRING of whole bytes, optionally without the last few bits. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return encode(TAG.bitString, Buffer.of(unused), bytes);
}
