import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from './package.ts';

/** A block of commands in a document. */
export interface CommandBlock {
  /** Tests run `sh` and `console`, which also shows the output, and do not run `shell`. */
  readonly language: 'sh' | 'console' | 'shell';
  /** The text of the nearest heading above. */
  readonly heading: string;
  /** The prose between the block and what is above it: a heading, another block or a table. */
  readonly prose: string;
  readonly text: string;
}

/** Returns all blocks of commands in a page. The path is relative to the repository. */
export function commandBlocks(page: string): readonly CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let heading = '';
  let prose = '';
  const markdown = readFileSync(join(PACKAGE, page), 'utf8');
  const parts =
    /^#+ (?<title>.+)$|^(?<indent> *)(?<fence>`{3,})(?<language>\w*)\n(?<code>[^]*?)^\k<indent>\k<fence>$|^.*$/gm;
  for (const { groups = {}, 0: line } of markdown.matchAll(parts)) {
    const { title, indent = '', fence, language, code = '' } = groups;
    // A block in a list is indented.
    const text = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    if (title !== undefined) heading = title;
    else if (fence === undefined && !line.startsWith('|')) {
      prose += `${line}\n`;
      continue;
    }
    if (language === 'sh' || language === 'console' || language === 'shell')
      blocks.push({ language, heading, prose, text });
    prose = '';
  }
  return blocks;
}

/**
 * Returns the text of the `sh` and `console` blocks between a heading and the next one. The test that calls this runs all
 * of their commands as they are. `test/docs/commands.test.ts` finds the calls in the sources of the tests, so both
 * arguments are literals. Throws if there is no such block.
 */
export function commandsUnder(page: string, heading: string): readonly string[] {
  const found = commandBlocks(page).filter((each) => each.heading === heading && each.language !== 'shell');
  if (found.length === 0) throw new Error(`${page} has no commands under "${heading}"`);
  return found.map(({ text }) => text);
}

/** Returns the command lines of blocks. A line that ends with a backslash goes on in the next. */
export function linesOf(blocks: readonly string[]): readonly string[] {
  return blocks.flatMap((block) => block.trim().split(/(?<!\\)\n/));
}
