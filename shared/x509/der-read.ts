/** Reads the subset of ASN.1 DER that keys and certificates need, on any runtime. */

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

/** Bytes of any class, such as Node's Buffer, of which parts have the same class. */
export type Bytes<B> = { subarray(start?: number, end?: number): B } & Uint8Array;

/** A decoded element. */
export interface Element<B = Uint8Array> {
  readonly tag: number;
  readonly content: B;
  /** The tag, length and content. */
  readonly whole: B;
}

/** Parses the consecutive elements of `der`. Returns null if it is not valid DER. */
export function elements<B extends Bytes<B>>(der: B): Element<B>[] | null {
  const found: Element<B>[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    const first = der[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84) return null;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + size;
    if (start > der.length) return null;
    const length = size === 0 ? first : readNumber(der.subarray(at + 2, start));
    const end = start + length;
    if (end > der.length) return null;
    found.push({ tag, content: der.subarray(start, end), whole: der.subarray(at, end) });
    at = end;
  }
  return found;
}

/** Parses the elements of the single SEQUENCE in `der`. Returns null if `der` is anything else. */
export function sequenceElements<B extends Bytes<B>>(der: B): Element<B>[] | null {
  const [only, ...others] = elements(der) ?? [];
  return only?.tag === TAG.sequence && others.length === 0 ? elements(only.content) : null;
}

/** Reads a big-endian number of at most four bytes. */
function readNumber(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

/** Returns two hexadecimal digits for each byte. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
