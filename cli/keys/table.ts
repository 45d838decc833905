import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { visible } from '../../shared/text.ts';

/** The space between columns, as in kubectl. */
const GAP = '   ';
/** How much of a fingerprint a table shows: the name of the hash and 12 characters, which tell keys apart. */
const SHORT_FINGERPRINT = 'SHA256:'.length + 12;

/** Returns rows as a table with aligned columns. The first row is the header. Each line ends with a line break. */
export function table(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(visible));
  const widths: number[] = [];
  for (const row of shown)
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  const lines = shown.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(GAP));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Returns `NAMESPACE/NAME` of an object, with a question mark for a namespace that its file does not name. */
export function shownPlace({ namespace, name }: Ref): string {
  return `${namespace || '?'}/${name}`;
}

/** Returns the start of a fingerprint, by which commands find the key. */
export function shortFingerprint(fingerprint: Fingerprint): string {
  return fingerprint.slice(0, SHORT_FINGERPRINT);
}
