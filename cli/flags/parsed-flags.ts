import type { CommandGroup, CommandName } from './commands.ts';
import {
  FLAGS,
  flagNamed,
  variableOf,
  VARIABLE_PREFIX,
  type FileName,
  type FlagName,
  type ListName,
  type RepeatedName,
  type SwitchName,
  type TextName,
} from './definitions.ts';
import { isList, parseValue, requirementOf, type CommandLine, type FlagValue } from './parse.ts';

/** The flags of the command line and the environment. */
export class ParsedFlags {
  readonly #values: ReadonlyMap<FlagName, FlagValue>;
  readonly #typed: ReadonlySet<FlagName>;
  readonly #environment: NodeJS.ProcessEnv;
  /** The command that the first arguments name. */
  readonly command: CommandName | undefined;
  /** The group of commands that the first argument names. */
  readonly group: CommandGroup | undefined;
  /** Arguments that belong to no flag. */
  readonly words: readonly string[];
  /** Problems with environment variables; each names its variable. */
  readonly problems: readonly string[];

  /**
   * Adds the environment to the command line. The command line takes precedence, and lists are concatenated. A variable
   * that does not parse is a problem only if its value would be used.
   */
  constructor({ command, group, values, words }: CommandLine, environment: NodeJS.ProcessEnv) {
    this.command = command;
    this.group = group;
    this.#environment = environment;
    this.words = words;
    this.#typed = new Set([...values].filter(([, value]) => !isEmpty(value)).map(([name]) => name));
    const merged = new Map(values);
    const problems: string[] = [];
    const mayHaveVariables = Object.keys(environment).some((name) => name.startsWith(VARIABLE_PREFIX));
    for (const flag of mayHaveVariables ? FLAGS : []) {
      const variable = variableOf(flag);
      const text = variable === undefined ? undefined : environment[variable];
      const before = values.get(flag.name);
      if (!text || (before !== undefined && flag.kind !== 'list')) continue;
      const value = parseValue(flag, text, { command });
      if (value === undefined) problems.push(`${variable ?? ''}: ${requirementOf(flag, text, command)}`);
      else merged.set(flag.name, isList(value) && isList(before) ? [...value, ...before] : value);
    }
    this.#values = merged;
    this.problems = problems;
  }

  /** Returns the last text or file of a flag, or its default. Undefined if it is empty. */
  text(name: TextName): string | undefined {
    const value = this.#values.get(name);
    const text = isList(value) ? value.at(-1) : value;
    if (typeof text === 'string' && text !== '') return text;
    const flag = flagNamed(name);
    return flag?.kind === 'text' ? flag.default : undefined;
  }

  /** Returns the values of a list, all texts of a repeated flag, or the distinct files of a flag that takes one file. */
  list(name: ListName | RepeatedName | FileName): readonly string[] {
    const value = this.#values.get(name);
    return isList(value) ? value : [];
  }

  /** Whether a switch is on. */
  on(name: SwitchName): boolean {
    return this.#values.get(name) === true;
  }

  /** Returns whether a switch is on; undefined if it is not set. */
  switchOf(name: SwitchName): boolean | undefined {
    const value = this.#values.get(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  /** Returns the text of a flag's environment variable, as if the flag were not on the command line. */
  environmentText(name: TextName): string | undefined {
    const flag = flagNamed(name);
    const variable = flag === undefined ? undefined : variableOf(flag);
    return (variable === undefined ? undefined : this.#environment[variable]) || undefined;
  }

  /** Whether the flag has a value that is not empty, and is not an off switch. */
  has(name: FlagName): boolean {
    const value = this.#values.get(name);
    return value !== undefined && value !== false && !isEmpty(value);
  }

  /** Whether the flag has a value on the command line, and not only in the environment. */
  typed(name: FlagName): boolean {
    return this.#typed.has(name);
  }
}

/** Whether a value counts as absent. It still takes precedence over the environment. */
function isEmpty(value: FlagValue): boolean {
  return value === '' || (isList(value) && value.length === 0);
}
