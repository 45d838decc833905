/** The subset of ASN.1 DER that keys and certificates need. */

/** The tags of the ASN.1 types in use. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Returns a context tag, such as `[0]`. `constructed` means that it contains other elements. */
export function contextTag(number: number, constructed = true): number {
  return (constructed ? 0xa0 : 0x80) | number;
}

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

/** A decoded element. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** The tag, length and content. */
  readonly whole: Buffer;
}

/** Parses the consecutive elements of `der`. Returns null if it is not valid DER. */
export function elements(der: Buffer): Element[] | null {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    const first = der[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84) return null;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + size;
    if (start > der.length) return null;
    const length = size === 0 ? first : der.readUIntBE(at + 2, size);
    const end = start + length;
    if (end > der.length) return null;
    found.push({ tag, content: der.subarray(start, end), whole: der.subarray(at, end) });
    at = end;
  }
  return found;
}

/** Parses the elements of the single SEQUENCE in `der`. Returns null if `der` is anything else. */
export function sequenceElements(der: Buffer): Element[] | null {
  const [only, ...others] = elements(der) ?? [];
  return only?.tag === TAG.sequence && others.length === 0 ? elements(only.content) : null;
}
