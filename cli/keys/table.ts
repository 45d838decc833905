import { visible } from '../../shared/text.ts';

/** The space between columns, as in kubectl. */
const GAP = '   ';

/** Returns rows as a table with aligned columns. The first row is the header. Each line ends with a line break. */
export function table(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(visible));
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((row) => (row[column] ?? '').length)),
  );
  const lines = shown.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(GAP));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
