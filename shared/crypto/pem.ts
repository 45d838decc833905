import { base64Bytes } from '../bytes.ts';

/**
 * Returns the first PEM block (RFC 7468) of one of the types, with its `BEGIN` and `END` lines; undefined if there is
 * none.
 */
export function firstPem(text: string, types: readonly string[]): string | undefined {
  const [first] = pemBlocks(text, types);
  return first;
}

/** Returns the content of a PEM block; undefined if it is not base64, or has a header (RFC 1421). */
export function pemBytes(pem: string): Uint8Array<ArrayBuffer> | undefined {
  const base64 = pem.replace(/^-----BEGIN [^-]*-----|-----END [^-]*-----$/g, '').replace(/\s/g, '');
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? base64Bytes(base64) : undefined;
}

/** Returns all PEM blocks of the types, in order. */
export function allPem(text: string, types: readonly string[]): string[] {
  return [...pemBlocks(text, types)];
}

interface Block {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Yields the blocks one after the other. Takes linear time for any text, since it reads none twice for the same type. */
function* pemBlocks(text: string, types: readonly string[]): Generator<string> {
  let next = types.flatMap((type) => nextBlock(text, { type, start: -1, end: 0 }, 0));
  for (;;) {
    const [first] = next.toSorted((a, b) => a.start - b.start);
    if (first === undefined) return;
    const { start, end } = first;
    yield text.slice(start, end);
    // A block may hold the beginning of another type.
    next = next.flatMap((block) => (block.start < end ? nextBlock(text, block, end) : [block]));
  }
}

/** Returns the first block behind an offset of the same type as a block before it, if there is one. */
function nextBlock(text: string, { type, end }: Block, from: number): readonly Block[] {
  const start = text.indexOf(`-----BEGIN ${type}-----`, from);
  if (start < 0) return [];
  if (start < end) return [{ type, start, end }];
  const last = `-----END ${type}-----`;
  const at = text.indexOf(last, start);
  return at < 0 ? [] : [{ type, start, end: at + last.length }];
}
