import { stat } from 'node:fs/promises';
import { joined } from '../../shared/text.ts';
import { nearest } from '../../shared/input/nearest.ts';
import { firstWords, type CommandName } from './commands.ts';
import { FLAGS, type FlagName } from './definitions.ts';
import type { ParsedFlags } from './parsed-flags.ts';
import { shellWord } from './shell-word.ts';
import { usageError } from './usage-error.ts';

/** Advice for users who pass several files. */
export const ONE_BY_ONE = 'run kubeseal once for each file';

/** Flags whose files are read or changed. */
const INPUTS = [
  'secret-file',
  'merge-into',
  'from-file',
  'recovery-private-key',
  'private-key',
] as const satisfies readonly FlagName[];

/** The flag that reads the input, and how to write it. */
const INPUT_FLAGS = [
  { name: 'secret-file', written: '-f' },
  { name: 'from-file', written: '--from-file' },
] as const satisfies readonly { readonly name: FlagName; readonly written: string }[];

/**
 * Refuses files among the arguments that belong to no flag, if there is a flag for an input file: with `-f *.yaml`, the
 * flag takes only the first file, and the reference ignores the others. Throws `Usage`.
 */
export async function refuseIgnoredFiles(words: readonly string[], flags: ParsedFlags): Promise<void> {
  if (!INPUTS.some((name) => flags.typed(name))) return;
  const files: string[] = [];
  for (const word of words) if (await isFile(word)) files.push(word);
  if (files.length > 0)
    usageError(`${joined(files)} would be ignored, because a flag takes one file: ${ONE_BY_ONE}`);
}

/**
 * Returns a warning about arguments that belong to no flag, which are ignored as in the reference. If the first one is
 * nearly a command, or one of them seems to be the input file, the warning says so.
 */
export async function ignoredWarning(
  words: readonly string[],
  flags: ParsedFlags,
  command: CommandName,
): Promise<string> {
  const advice = commandAdvice(words[0] ?? '') ?? (await adviceFor(words, flags, command));
  return `(ignored: ${words.map((word) => JSON.stringify(word)).join(' ')}${advice})`;
}

/** Returns how to write the command that the first word names or nearly names. */
function commandAdvice(word: string): string | undefined {
  const names = firstWords().map(([name]) => name);
  if (names.includes(word)) return `; a command comes first: kubeseal ${word}`;
  const meant = nearest(word, names);
  return meant === undefined ? undefined : `; did you mean kubeseal ${meant}?`;
}

/** Returns which flag reads the first file among the words. Empty if none is a file, or if the input is known. */
async function adviceFor(
  words: readonly string[],
  flags: ParsedFlags,
  command: CommandName,
): Promise<string> {
  const input = INPUT_FLAGS.find(({ name }) =>
    FLAGS.some((flag) => flag.name === name && flag.commands.includes(command)),
  );
  if (input === undefined || flags.has(input.name)) return '';
  for (const word of words) {
    if (/\.(ya?ml|json)$/i.test(word) || (await isFile(word)))
      return `; to read this file, use ${input.written} ${shellWord(word)}`;
  }
  return '';
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isDirectory();
}
