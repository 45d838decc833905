import { FLAGS, type Flag, type FlagName } from '../definitions.ts';
import { usableNames } from './candidates.ts';
import { SHELLS } from './scripts.ts';

/** The candidates for the word at the cursor. */
export interface Completion {
  /** Each candidate with its description, which may be empty. */
  readonly candidates: readonly (readonly [string, string])[];
  /** Whether file names are candidates, too. */
  readonly files: boolean;
}

/** Reads names from the kubeconfig or the cluster. Returns none if that fails. */
export interface NameSource {
  contexts(words: readonly string[]): Promise<readonly string[]>;
  namespaces(words: readonly string[]): Promise<readonly string[]>;
}

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** Returns candidates for the last one of the program's arguments. */
export async function complete(typed: readonly string[], names: NameSource): Promise<Completion> {
  const words = joinAtEquals(typed);
  const word = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [, long, start] = /^--([^=]+)=([^]*)$/.exec(word) ?? [];
  if (long !== undefined && start !== undefined) {
    const flag = FLAGS.get(long as FlagName);
    if (flag?.value === undefined) return NOTHING;
    const { candidates, files } = await valuesOf(flag, start, { before, names });
    // Bash may split the word at `=`, and then completes only the last part.
    const prefix = typed.at(-1) === word ? `--${long}=` : '';
    return { candidates: candidates.map(([text, help]) => [prefix + text, help]), files };
  }
  const flag = flagAt(before.at(-1) ?? '');
  if (flag?.value !== undefined) return valuesOf(flag, word, { before: before.slice(0, -1), names });
  if (word.startsWith('-')) return candidatesStartingWith(flags(), word);
  if (before.length === 1 && before[0] === 'completion') {
    return candidatesStartingWith(
      SHELLS.map((shell) => [shell, '']),
      word,
    );
  }
  return before.length === 0
    ? candidatesStartingWith([['completion', 'print a script that completes kubeseal']], word)
    : NOTHING;
}

/** Joins words that bash splits at `=`: `--scope`, `=` and `str` become one word. */
function joinAtEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const [at, word] of words.entries()) {
    const last = joined.at(-1);
    const follows = words[at - 1] === '=' && last?.startsWith('--') && last.endsWith('=');
    if (last !== undefined && ((word === '=' && last.startsWith('--')) || follows)) {
      joined[joined.length - 1] = last + word;
    } else {
      joined.push(word);
    }
  }
  return joined;
}

function flagAt(word: string): Flag | undefined {
  if (word.startsWith('--')) return FLAGS.get(word.slice(2) as FlagName);
  return /^-[a-zA-Z]$/.test(word) ? [...FLAGS.values()].find(({ short }) => short === word[1]) : undefined;
}

function flags(): (readonly [string, string])[] {
  const shown = [...FLAGS].filter(([, flag]) => !flag.hidden && !flag.klog);
  return [...shown.map(([name, { help }]) => [`--${name}`, help] as const), ['--help', 'show the help']];
}

async function valuesOf(
  flag: Flag,
  word: string,
  { before, names }: { readonly before: readonly string[]; readonly names: NameSource },
): Promise<Completion> {
  const all = (list: readonly string[]): Completion =>
    candidatesStartingWith(
      list.map((text) => [text, '']),
      word,
    );
  if (flag.choices) return all(flag.choices);
  switch (flag.completes) {
    case 'context':
      return all(usableNames(await names.contexts(before)));
    case 'namespace':
      return all(usableNames(await names.namespaces(before)));
    case 'file':
      return FILES;
    default:
      return NOTHING;
  }
}

function candidatesStartingWith(all: readonly (readonly [string, string])[], word: string): Completion {
  return { candidates: all.filter(([text]) => text.startsWith(word)), files: false };
}
