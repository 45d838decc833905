import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../support/package.ts';

/** A test that a document names. */
export interface NamedTest {
  /** The path, relative to the repository. */
  readonly file: string;
  /** A part of the title. */
  readonly title: string;
}

/** Returns the tests that a text of `docs` names, as a link to the file and a part of the title in quotes. */
export function testsNamedIn(text: string): readonly NamedTest[] {
  const named = text.matchAll(/\[`[^`]+`\]\(\.\.\/(?<file>[^)]+)\): "(?<title>[^"]+)"/g);
  return [...named].map(({ groups }) => ({
    file: groups?.['file'] ?? '',
    title: groups?.['title'] ?? '',
  }));
}

/**
 * Returns the entries of the lists in a page, or under one heading, without their marks and each on one line.
 *
 * @param mark what begins an entry
 */
export function entriesIn(page: string, mark: RegExp, heading?: string): readonly string[] {
  const text = readFileSync(join(PACKAGE, page), 'utf8');
  const from = heading === undefined ? 0 : text.indexOf(`${heading}\n`) + heading.length;
  const until = heading === undefined ? -1 : text.indexOf('\n## ', from);
  const section = text.slice(from, until < 0 ? undefined : until);
  return section
    .split(/\n(?=[-#\d])/)
    .filter((block) => mark.test(block))
    .map((block) => block.replace(/^(?:- |\d+\. )/, '').replaceAll(/\s+/g, ' '));
}
