import { parseGoBoolean } from '../shared/go-values.ts';
import {
  FLAGS,
  variableOf,
  type Flag,
  type FlagName,
  type ListName,
  type SwitchName,
  type TextName,
} from './flags.ts';

/** Thrown when there is nothing to run: the text was already printed. */
export class Finished extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super();
    this.exitCode = exitCode;
  }
}

/** What a flag can be given. */
export type Value = string | boolean | readonly string[];

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

/** Scripts write `--name "$NAME"` with an empty variable: it is as good as no flag, but for the environment. */
function isEmpty(value: Value): boolean {
  return value === '' || (isList(value) && value.length === 0);
}

/** The flags as they were given, on the command line or by the environment. */
export class Given {
  readonly #values: ReadonlyMap<FlagName, Value>;
  readonly #typed: ReadonlySet<FlagName>;
  /** Words on the command line that no flag takes. */
  readonly words: readonly string[];

  constructor(values: ReadonlyMap<FlagName, Value>, typed: ReadonlySet<FlagName>, words: readonly string[]) {
    this.#values = values;
    this.#typed = typed;
    this.words = words;
  }

  text(name: TextName): string | undefined {
    const value = this.#values.get(name) || FLAGS.get(name)?.default;
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  list(name: ListName): readonly string[] {
    const value = this.#values.get(name);
    return value !== undefined && isList(value) ? value : [];
  }

  on(name: SwitchName): boolean {
    return this.#values.get(name) === true;
  }

  /** Whether the flag stands on the command line with a value, and not in the environment alone. */
  typed(name: FlagName): boolean {
    return this.#typed.has(name);
  }
}

/** The flags of the command line, then those of the environment: the command line wins, and lists add up. */
export function withEnvironment(
  values: Map<FlagName, Value>,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Given {
  const typed = new Set([...values].filter(([, value]) => !isEmpty(value)).map(([name]) => name));
  for (const [name, flag] of FLAGS) {
    const value = fromEnvironment(name, flag, environment);
    const before = values.get(name);
    if (value === undefined) continue;
    if (before === undefined) values.set(name, value);
    else if (isList(before) && isList(value)) values.set(name, [...value, ...before]);
  }
  return new Given(values, typed, words);
}

function fromEnvironment(name: FlagName, flag: Flag, environment: NodeJS.ProcessEnv): Value | undefined {
  const variable = variableOf(name, flag);
  const text = variable === undefined ? undefined : environment[variable];
  if (text === undefined || text === '') return undefined;
  return flag.value === undefined ? parseGoBoolean(text) : valueOf(flag, text, undefined);
}

/** A flag's value with those that came before; undefined where it is none of the choices. */
export function valueOf({ choices, anyCase, list }: Flag, text: string, before: unknown): Value | undefined {
  if (list !== undefined) {
    const more = list === 'commas' ? text.split(',').filter((part) => part !== '') : [text];
    return [...(Array.isArray(before) ? (before as string[]) : []), ...more];
  }
  const word = anyCase ? text.toLowerCase() : text;
  return choices && word !== '' && !choices.includes(word) ? undefined : word;
}

/** The flag of a long name, with or without its dashes. */
export function flagNamed(long: string): FlagName | undefined {
  const name = long.replace(/^--/, '');
  return isFlagName(name) ? name : undefined;
}

function isFlagName(name: string): name is FlagName {
  return FLAGS.has(name as FlagName);
}

/** The flag that a word names, if it names one whole; `-fFILE` and its like are left to commander. */
export function named(dashed: string): FlagName | undefined {
  if (dashed.startsWith('--')) return flagNamed(dashed);
  if (!/^-[a-zA-Z]$/.test(dashed)) return undefined;
  const [name] = [...FLAGS].find(([, { short }]) => short === dashed[1]) ?? [];
  return name;
}
