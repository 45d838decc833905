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
  const markdown = readFileSync(join(PACKAGE, page), 'utf8');
  const blocks: string[] = [];
  let above = '';
  // A line of a block may look like a heading.
  for (const [, title, language, text = ''] of markdown.matchAll(/^#+ (.+)$|^```(\w*)\n([^]*?)^```$/gm)) {
    if (title !== undefined) above = title;
    else if (above === heading && language === 'yaml') blocks.push(text);
  }
  if (blocks.length === 0) throw new Error(`${page} has no YAML under "${heading}"`);
  return blocks;
}
