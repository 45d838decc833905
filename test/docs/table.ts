import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../support/package.ts';

/** The rows of the first table under a heading of a page, as the text of their cells; the head is left out. */
export function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const lines = readFileSync(join(PACKAGE, page), 'utf8').split('\n');
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`${page} has no ${heading}`);
  const first = lines.findIndex((line, index) => index > from && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  return lines.slice(first + 2, end < 0 ? undefined : end).map(cells);
}

/** A pipe in a cell is written `\|`. */
function cells(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}
