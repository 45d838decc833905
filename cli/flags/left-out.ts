import { stat } from 'node:fs/promises';
import { fail } from '../../shared/errors.ts';
import { joined } from '../../shared/text.ts';
import type { ParsedFlags } from './parsed-flags.ts';

/** What to do with several files. */
export const ONE_BY_ONE = 'run kubeseal once for each file';

/** The flags of the files that are read or changed. */
const INPUTS = ['secret-file', 'merge-into', 'from-file', 'recovery-private-key', 'private-key'] as const;

/**
 * The words that no flag takes, where they may be files that a shell put in place of `*`. Empty where no flag that takes
 * an input file was typed.
 */
export function wordsBehindFiles(given: ParsedFlags): readonly string[] {
  return INPUTS.some((name) => given.typed(name)) ? given.words : [];
}

/**
 * Refuses files that would be left out: `-f *.yaml` gives the flag the first one alone, and the reference ignores the
 * others. Throws `Usage`.
 */
export async function refuseLeftOut(words: readonly string[]): Promise<void> {
  const files: string[] = [];
  for (const word of words) {
    const found = await stat(word).catch(() => undefined);
    if (found !== undefined && !found.isDirectory()) files.push(word);
  }
  if (files.length === 0) return;
  const problem = `${joined(files)} would be left out, since a flag takes one file: ${ONE_BY_ONE}`;
  fail({ code: 'Usage', problem });
}
