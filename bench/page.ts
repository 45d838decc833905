import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { PACKAGE } from '../build/package.ts';

/** The page with all figures. */
const PAGE = join(PACKAGE, 'docs', 'performance.md');

/** The comments around the figures of one bench. */
export interface Marks {
  readonly start: string;
  readonly end: string;
}

/** Replaces the figures of one bench in docs/performance.md. */
export async function writePage(figures: string, { start, end }: Marks): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  const [before] = page.split(start);
  const after = page.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for figures`);
  const text = [before + start, figures, end + after].join('\n\n');
  const options = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(text, { ...options, parser: 'markdown' }));
}
