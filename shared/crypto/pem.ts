/**
 * The first block of one of the types in a text (RFC 7468), its `BEGIN` and `END` lines included. Takes time in
 * proportion to the text, whatever is in it.
 */
export function firstPem(text: string, types: readonly string[]): string | undefined {
  let first: { readonly at: number; readonly end: number } | undefined;
  for (const type of types) {
    const at = text.indexOf(`-----BEGIN ${type}-----`);
    if (at < 0 || (first && first.at < at)) continue;
    const last = `-----END ${type}-----`;
    const end = text.indexOf(last, at);
    if (end >= 0) first = { at, end: end + last.length };
  }
  return first && text.slice(first.at, first.end);
}
