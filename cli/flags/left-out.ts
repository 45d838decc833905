import { stat } from 'node:fs/promises';
import { fail } from '../errors.ts';
import { joined } from '../../shared/text.ts';
import type { ParsedFlags } from './parsed-flags.ts';

/** Advice for users who pass several files. */
export const ONE_BY_ONE = 'run kubeseal once for each file';

/** Flags whose files are read or changed. */
const INPUTS = ['secret-file', 'merge-into', 'from-file', 'recovery-private-key', 'private-key'] as const;

/**
 * Returns the arguments that may be files, from a `*` that the shell expanded behind a flag. Empty if no flag for an
 * input file was typed.
 */
export function possibleFiles(flags: ParsedFlags): readonly string[] {
  return INPUTS.some((name) => flags.typed(name)) ? flags.words : [];
}

/**
 * Refuses files that would be ignored: with `-f *.yaml` the flag takes only the first one, and the reference ignores the
 * others. Throws `Usage` if an argument is an existing file.
 */
export async function refuseIgnoredFiles(words: readonly string[]): Promise<void> {
  const files: string[] = [];
  for (const word of words) {
    const found = await stat(word).catch(() => undefined);
    if (found !== undefined && !found.isDirectory()) files.push(word);
  }
  if (files.length === 0) return;
  const problem = `${joined(files)} would be left out, since a flag takes one file: ${ONE_BY_ONE}`;
  fail({ code: 'Usage', problem });
}
