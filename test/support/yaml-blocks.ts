import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from './package.ts';

/**
 * Returns the blocks of YAML between a heading of a page and the next one.
 *
 * @param page the path from the top of the repository
 * @throws Error if there is none
 */
export function yamlUnder(page: string, heading: string): readonly string[] {
  const [, ...sections] = readFileSync(join(PACKAGE, page), 'utf8').split(/^#+ /m);
  const section = sections.find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = '']) => text);
  if (blocks.length === 0) throw new Error(`${page} has no YAML under "${heading}"`);
  return blocks;
}
