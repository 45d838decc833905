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

/** Thrown when there is nothing to run: the text was already printed. */
export class CliExit extends Error {
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

/** What a command line and its environment hold. */
interface Parts {
  readonly values: ReadonlyMap<FlagName, Value>;
  readonly typed: ReadonlySet<FlagName>;
  /** Words on the command line that no flag takes. */
  readonly words: readonly string[];
  /** What is wrong with variables of the environment, each named. */
  readonly problems: readonly string[];
}

/** The flags as they were given, on the command line or by the environment. */
export class ParsedFlags {
  readonly #values: ReadonlyMap<FlagName, Value>;
  readonly #typed: ReadonlySet<FlagName>;
  readonly words: Parts['words'];
  readonly problems: Parts['problems'];

  constructor({ values, typed, words, problems }: Parts) {
    this.#values = values;
    this.#typed = typed;
    this.words = words;
    this.problems = problems;
  }

  text(name: TextName): string | undefined {
    const given = this.#values.get(name);
    const value = (given !== undefined && isList(given) ? given.at(-1) : given) || FLAGS.get(name)?.default;
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** The values of a list, or the different ones of a flag that may be given once. */
  list(name: ListName | OnceName): readonly string[] {
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

/**
 * The flags of the command line, then those of the environment: the command line wins, and lists add up. A variable that
 * does not parse is a problem where its value would count.
 */
export function withEnvironment(
  values: Map<FlagName, Value>,
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
    const value = flag.value === undefined ? parseGoBoolean(text) : valueOf(flag, text, undefined);
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

/** A flag's value with those that came before; undefined where it is none of the choices. */
export function valueOf(
  { choices, anyCase, list, once }: Flag,
  text: string,
  before: unknown,
): Value | undefined {
  if (once) {
    const all = [...(Array.isArray(before) ? (before as string[]) : []), ...(text === '' ? [] : [text])];
    return [...new Set(all)];
  }
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
