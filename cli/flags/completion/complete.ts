import { commandAt, firstWords, verbsOf, type CommandName, type WordKind } from '../commands.ts';
import { choicesOf, FLAGS, flagNamed, flagWithShort, isSwitch, type Flag } from '../definitions.ts';
import { isList, parseCommandLine } from '../parse.ts';
import { usableNames } from './candidates.ts';
import { SECRET_KINDS } from '../secret-kinds.ts';
import { SHELLS } from './scripts.ts';

/** The candidates for the word at the cursor. */
export interface Completion {
  /** Each candidate with its description, which may be empty. */
  readonly candidates: readonly (readonly [string, string])[];
  /** Whether file names are candidates, too. */
  readonly files: boolean;
}

/** Reads names from the kubeconfig, the cluster or a file. Returns none if that fails. */
export interface NameSource {
  /** Returns the names of the items of all SealedSecrets in a file. */
  items(file: string): Promise<readonly string[]>;
  /** Returns the names of the clusters of `.kubeseal.yaml`. */
  clusters(): Promise<readonly string[]>;
  contexts(words: readonly string[]): Promise<readonly string[]>;
  namespaces(words: readonly string[]): Promise<readonly string[]>;
}

type ValueFlag = Exclude<Flag, { readonly kind: 'switch' }>;

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** Returns candidates for the last one of the program's arguments. */
export async function complete(typed: readonly string[], names: NameSource): Promise<Completion> {
  const words = joinAtEquals(typed);
  const word = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [, long, start] = /^--([^=]+)=([^]*)$/.exec(word) ?? [];
  if (long !== undefined && start !== undefined) {
    const flag = flagNamed(long);
    if (flag === undefined || flag.kind === 'switch') return NOTHING;
    const { candidates, files } = await valuesOf(flag, start, { before, names });
    // Bash may split the word at `=`, and then completes only the last part.
    const prefix = typed.at(-1) === word ? `--${long}=` : '';
    return { candidates: candidates.map(([text, help]) => [prefix + text, help]), files };
  }
  const flag = flagAt(before.at(-1) ?? '');
  if (flag !== undefined && flag.kind !== 'switch' && !isSwitch(flag, commandAt(before).command?.name))
    return valuesOf(flag, word, { before: before.slice(0, -1), names });
  if (word.startsWith('-')) return candidatesStartingWith(flagsFor(before), word);
  if (before.length > 0) return completeWord(before, word, names);
  return candidatesStartingWith(firstWords(), word);
}

/** Returns candidates for a word of the command that the first arguments name, or for the verb of a group. */
async function completeWord(before: readonly string[], word: string, names: NameSource): Promise<Completion> {
  const { command: named, group, length } = commandAt(before);
  if (named === undefined) {
    if (group === undefined || before.length > length) return NOTHING;
    return candidatesStartingWith(
      [...verbsOf(group)].map(([verb, { summary }]) => [verb, summary]),
      word,
    );
  }
  const words = wordsIn(before);
  const kind = named.words[words.length] ?? (named.repeats ? named.words.at(-1) : undefined);
  switch (kind satisfies WordKind | undefined) {
    case 'file':
      return FILES;
    case 'cluster':
      return namesStartingWith(usableNames(await names.clusters()), word);
    case 'item':
      return namesStartingWith(usableNames(await names.items(words[0] ?? '')), word);
    case 'kind':
      return namesStartingWith(SECRET_KINDS, word);
    case 'key':
    case 'name':
      return NOTHING;
    case 'shell':
      return namesStartingWith(SHELLS, word);
    case undefined:
      return NOTHING;
  }
}

/** Returns the words of a command that belong to no flag. None if the arguments do not parse. */
function wordsIn(before: readonly string[]): readonly string[] {
  try {
    return parseCommandLine(before).words;
  } catch {
    return [];
  }
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
  if (word.startsWith('--')) return flagNamed(word.slice(2));
  return /^-[a-zA-Z]$/.test(word) ? flagWithShort(word.slice(1)) : undefined;
}

/** Returns the flags that are not hidden: those of the command that the words select, or all of them. */
function flagsFor(words: readonly string[]): (readonly [string, string])[] {
  const selected = commandsOf(words);
  const fits = ({ commands }: Flag): boolean =>
    selected.length === 0 || commands.length === 0 || commands.some((name) => selected.includes(name));
  return FLAGS.filter((flag) => !flag.hidden && fits(flag)).map(({ name, help }) => [`--${name}`, help]);
}

/** Returns the commands that flags among the words select. Empty if the words do not parse. */
function commandsOf(words: readonly string[]): readonly CommandName[] {
  try {
    const { command, values } = parseCommandLine(words);
    if (command !== undefined) return [command];
    return FLAGS.flatMap(({ name, selects }) => {
      const value = values.get(name);
      const isSet = value === true || (isList(value) && value.length > 0);
      return isSet && selects !== undefined ? [selects] : [];
    });
  } catch {
    return [];
  }
}

async function valuesOf(
  flag: ValueFlag,
  word: string,
  { before, names }: { readonly before: readonly string[]; readonly names: NameSource },
): Promise<Completion> {
  const all = (list: readonly string[]): Completion => namesStartingWith(list, word);
  const choices = choicesOf(flag, commandAt(before).command?.name);
  if (choices) return all(choices);
  switch (flag.completes) {
    case 'cluster':
      return lastOfList(usableNames(await names.clusters()), word);
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

/** Returns candidates for the last name of a list with commas. */
function lastOfList(names: readonly string[], list: string): Completion {
  const before = list.slice(0, list.lastIndexOf(',') + 1);
  const taken = before.split(',');
  return namesStartingWith(
    names.filter((name) => !taken.includes(name)).map((name) => before + name),
    list,
  );
}

function namesStartingWith(names: readonly string[], word: string): Completion {
  return candidatesStartingWith(
    names.map((name) => [name, '']),
    word,
  );
}

function candidatesStartingWith(all: readonly (readonly [string, string])[], word: string): Completion {
  return { candidates: all.filter(([text]) => text.startsWith(word)), files: false };
}
