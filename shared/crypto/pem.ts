import { base64Bytes } from '../bytes.ts';

/**
 * Returns the first PEM block (RFC 7468) of one of the types, with its `BEGIN` and `END` lines; undefined if there is
 * none. Takes linear time for any text.
 */
export function firstPem(text: string, types: readonly string[]): string | undefined {
  return firstBlock(text, types, 0)?.pem;
}

/** Returns the content of a PEM block; undefined if it is not base64, or has a header (RFC 1421). */
export function pemBytes(pem: string): Uint8Array<ArrayBuffer> | undefined {
  const base64 = pem.replace(/^-----BEGIN [^-]*-----|-----END [^-]*-----$/g, '').replace(/\s/g, '');
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? base64Bytes(base64) : undefined;
}

/** Returns all PEM blocks of the types, in order. */
export function allPem(text: string, types: readonly string[]): string[] {
  const blocks: string[] = [];
  for (let from = 0; ;) {
    const block = firstBlock(text, types, from);
    if (block === undefined) return blocks;
    blocks.push(block.pem);
    from = block.end;
  }
}

function firstBlock(
  text: string,
  types: readonly string[],
  from: number,
): { readonly pem: string; readonly end: number } | undefined {
  let first: { readonly at: number; readonly end: number } | undefined;
  for (const type of types) {
    const at = text.indexOf(`-----BEGIN ${type}-----`, from);
    if (at < 0 || (first && first.at < at)) continue;
    const last = `-----END ${type}-----`;
    const end = text.indexOf(last, at);
    if (end >= 0) first = { at, end: end + last.length };
  }
  return first && { pem: text.slice(first.at, first.end), end: first.end };
}
