import { FLAGS, type Flag, type FlagName } from '../definitions.ts';
import { usableNames } from './candidates.ts';
import { SHELLS } from './scripts.ts';

/** What may stand where the cursor is. */
export interface Completion {
  /** Each with its meaning, which may be empty. */
  readonly candidates: readonly (readonly [string, string])[];
  /** Whether file names may, too. */
  readonly files: boolean;
}

/** Names that only the kubeconfig or the cluster knows; empty where they cannot be had. */
export interface Names {
  contexts(words: readonly string[]): Promise<readonly string[]>;
  namespaces(words: readonly string[]): Promise<readonly string[]>;
}

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** Completes the last of the words that stand behind the program's name. */
export async function complete(typed: readonly string[], names: Names): Promise<Completion> {
  const words = joined(typed);
  const word = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [, long, start] = /^--([^=]+)=([^]*)$/.exec(word) ?? [];
  if (long !== undefined && start !== undefined) {
    const flag = FLAGS.get(long as FlagName);
    if (flag?.value === undefined) return NOTHING;
    const { candidates, files } = await valuesOf(flag, start, before, names);
    // Bash has taken the word apart, and completes the last part alone.
    const prefix = typed.at(-1) === word ? `--${long}=` : '';
    return { candidates: candidates.map(([text, help]) => [prefix + text, help]), files };
  }
  const flag = flagAt(before.at(-1) ?? '');
  if (flag?.value !== undefined) return valuesOf(flag, word, before.slice(0, -1), names);
  if (word.startsWith('-')) return starting(flags(), word);
  if (before.length === 1 && before[0] === 'completion') {
    return starting(
      SHELLS.map((shell) => [shell, '']),
      word,
    );
  }
  return before.length === 0
    ? starting([['completion', 'print a script that completes kubeseal']], word)
    : NOTHING;
}

/** Bash splits words at `=`: `--scope`, `=`, `str` are one word for us. */
function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [at, word] of words.entries()) {
    const last = whole.at(-1);
    const follows = words[at - 1] === '=' && last?.startsWith('--') && last.endsWith('=');
    if (last !== undefined && ((word === '=' && last.startsWith('--')) || follows)) {
      whole[whole.length - 1] = last + word;
    } else {
      whole.push(word);
    }
  }
  return whole;
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
  before: readonly string[],
  names: Names,
): Promise<Completion> {
  const all = (list: readonly string[]): Completion =>
    starting(
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

function starting(all: readonly (readonly [string, string])[], word: string): Completion {
  return { candidates: all.filter(([text]) => text.startsWith(word)), files: false };
}
