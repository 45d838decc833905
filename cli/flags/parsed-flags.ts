import { parseGoBoolean } from '../../shared/go-values.ts';
import {
  FLAGS,
  variableOf,
  type Flag,
  type FlagName,
  type ListName,
  type OnceName,
  type SwitchName,
  type TextName,
} from './definitions.ts';

/** Thrown to exit without running a command, after the help or an error was printed. */
export class CliExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super();
    this.exitCode = exitCode;
  }
}

/** The value of a flag: text, a switch, or a list. */
export type FlagValue = string | boolean | readonly string[];

function isList(value: FlagValue): value is readonly string[] {
  return Array.isArray(value);
}

/**
 * Whether a value counts as absent: scripts write `--name "$NAME"` with an empty variable. It still takes precedence over
 * the environment.
 */
function isEmpty(value: FlagValue): boolean {
  return value === '' || (isList(value) && value.length === 0);
}

/** The contents of a command line and its environment. */
interface FlagSources {
  readonly values: ReadonlyMap<FlagName, FlagValue>;
  readonly typed: ReadonlySet<FlagName>;
  /** Arguments that belong to no flag. */
  readonly words: readonly string[];
  /** Problems with environment variables; each names its variable. */
  readonly problems: readonly string[];
}

/** The flags of the command line and the environment. */
export class ParsedFlags {
  readonly #values: ReadonlyMap<FlagName, FlagValue>;
  readonly #typed: ReadonlySet<FlagName>;
  readonly words: FlagSources['words'];
  readonly problems: FlagSources['problems'];

  constructor({ values, typed, words, problems }: FlagSources) {
    this.#values = values;
    this.#typed = typed;
    this.words = words;
    this.problems = problems;
  }

  /** Returns the last value of a flag, or its default. Undefined if it is empty. */
  text(name: TextName): string | undefined {
    const stored = this.#values.get(name);
    const value =
      (stored !== undefined && isList(stored) ? stored.at(-1) : stored) || FLAGS.get(name)?.default;
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Returns the values of a list flag, or the distinct values of a flag that takes one file. */
  list(name: ListName | OnceName): readonly string[] {
    const value = this.#values.get(name);
    return value !== undefined && isList(value) ? value : [];
  }

  /** Whether a switch is on. */
  on(name: SwitchName): boolean {
    return this.#values.get(name) === true;
  }

  /** Whether the flag has a value on the command line, and not only in the environment. */
  typed(name: FlagName): boolean {
    return this.#typed.has(name);
  }
}

/**
 * Adds the flags of the environment to those of the command line. The command line takes precedence, and lists are
 * concatenated. A variable that does not parse is a problem only if its value would be used.
 */
export function withEnvironment(
  values: Map<FlagName, FlagValue>,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): ParsedFlags {
  const typed = new Set([...values].filter(([, value]) => !isEmpty(value)).map(([name]) => name));
  const problems: string[] = [];
  for (const [name, flag] of FLAGS) {
    const variable = variableOf(name, flag);
    const text = variable === undefined ? undefined : environment[variable];
    const before = values.get(name);
    if (text === undefined || text === '' || (before !== undefined && flag.list === undefined)) continue;
    const value = flag.value === undefined ? parseGoBoolean(text) : parseValue(flag, text, undefined);
    if (value === undefined) {
      problems.push(`${variable}: must be ${(flag.choices ?? ['true', 'false']).join(' or ')}`);
    } else if (before === undefined) {
      values.set(name, value);
    } else if (isList(before) && isList(value)) {
      values.set(name, [...value, ...before]);
    }
  }
  return new ParsedFlags({ values, typed, words, problems });
}

/** Returns a flag's new value, which includes previous ones for a list. Undefined if it is not one of the choices. */
export function parseValue(
  { choices, anyCase, list, once }: Flag,
  text: string,
  previous: unknown,
): FlagValue | undefined {
  if (once) {
    const all = [...(Array.isArray(previous) ? (previous as string[]) : []), ...(text === '' ? [] : [text])];
    return [...new Set(all)];
  }
  if (list !== undefined) {
    const more = list === 'commas' ? text.split(',').filter((part) => part !== '') : [text];
    return [...(Array.isArray(previous) ? (previous as string[]) : []), ...more];
  }
  const word = anyCase ? text.toLowerCase() : text;
  return choices && word !== '' && !choices.includes(word) ? undefined : word;
}

/** Returns the flag with a long name, with or without its dashes. */
export function flagNamed(long: string): FlagName | undefined {
  const name = long.replace(/^--/, '');
  return isFlagName(name) ? name : undefined;
}

function isFlagName(name: string): name is FlagName {
  return FLAGS.has(name as FlagName);
}

/** Returns the flag that an argument names. Undefined for combined forms such as `-fFILE`, which commander parses. */
export function flagOfArgument(dashed: string): FlagName | undefined {
  if (dashed.startsWith('--')) return flagNamed(dashed);
  if (!/^-[a-zA-Z]$/.test(dashed)) return undefined;
  const [name] = [...FLAGS].find(([, { short }]) => short === dashed[1]) ?? [];
  return name;
}
