import { parseGoBoolean } from '../../shared/go-values.ts';
import { visible } from '../../shared/text.ts';
import { commandAt, type CommandGroup, type CommandName } from './commands.ts';
import { choicesOf, flagNamed, flagWithShort, isSwitch, type Flag, type FlagName } from './definitions.ts';
import { suggestionFor } from './suggest.ts';
import { verbProblem } from './verb.ts';

/** A command line that does not parse. The message contains no values, which may be secrets. */
export class FlagError extends Error {}

/** The value of a flag: a text, whether a switch is on, or a list. */
export type FlagValue = string | boolean | readonly string[];

/** The contents of a command line. */
export interface CommandLine {
  /** The command that the first arguments name, as in `kubeseal completion` and `kubeseal keys list`. */
  readonly command: CommandName | undefined;
  /** The group of commands that the first argument names. */
  readonly group: CommandGroup | undefined;
  readonly values: ReadonlyMap<FlagName, FlagValue>;
  /** The other arguments that belong to no flag. */
  readonly words: readonly string[];
}

/**
 * Parses arguments as Go's pflag does: `--flag=value`, `--flag value`, `-f value`, `-f=value`, `-fvalue`, and `--switch`
 * or `--switch=false`, in any order with other words, until `--`. The first argument may name a command, or a group of
 * commands, which a verb follows. A group alone asks for its help.
 *
 * Throws `FlagError` for an unknown verb or flag, a missing value and a value that is not allowed; but not with `--help`.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const named = commandAt(argv);
  const command = named.command?.name;
  const values = new Map<FlagName, FlagValue>();
  const words: string[] = [];
  const problems: FlagError[] = [];
  const left = argv.slice(named.length).reverse();
  if (named.group !== undefined && command === undefined) {
    if (left.length === 0) values.set('help', true);
    else problems.push(new FlagError(verbProblem(named.group, argv[1])));
  }
  for (let argument = left.pop(); argument !== undefined; argument = left.pop()) {
    if (argument === '--') {
      words.push(...left.reverse());
      break;
    }
    if (argument === '-' || !argument.startsWith('-')) {
      words.push(argument);
      continue;
    }
    const { name, text, attached } = splitArgument(argument);
    const flag = name.startsWith('--') ? flagNamed(name.slice(2)) : flagWithShort(name.slice(1));
    if (flag === undefined) {
      problems.push(new FlagError(`unknown option '${visible(name)}'${suggestionFor(name)}`));
      continue;
    }
    // Behind the shorthand of a switch, other shorthands can follow.
    const isBare = isSwitch(flag, command);
    if (isBare && attached !== undefined) left.push(`-${attached}`);
    const given = text ?? (isBare ? 'true' : (attached ?? left.pop()));
    const value =
      given === undefined ? undefined : parseValue(flag, given, { command, previous: values.get(flag.name) });
    if (value !== undefined) values.set(flag.name, value);
    else
      problems.push(
        new FlagError(`option '${usageOf(flag, command)}' ${requirementOf(flag, given, command)}`),
      );
  }
  const [problem] = problems;
  if (problem !== undefined && values.get('help') !== true) throw problem;
  return { command, group: named.group, values, words };
}

/** The parts of an argument that begins with a dash. */
interface Argument {
  /** The flag with its dashes. */
  readonly name: string;
  /** The value behind `=`. */
  readonly text?: string;
  /** What follows a shorthand without `=`. */
  readonly attached?: string;
}

function splitArgument(argument: string): Argument {
  const isLong = argument.startsWith('--');
  const end = isLong ? argument.indexOf('=') : 1 + String.fromCodePoint(argument.codePointAt(1) ?? 0).length;
  if (end < 0 || end === argument.length) return { name: argument };
  const name = argument.slice(0, end);
  const rest = argument.slice(end);
  return rest.startsWith('=') ? { name, text: rest.slice(1) } : { name, attached: rest };
}

/** What the value of a flag depends on besides its text. */
interface ValueContext {
  /** The command that the first argument names. */
  readonly command: CommandName | undefined;
  readonly previous?: FlagValue | undefined;
}

/**
 * Returns the value that a text gives a flag, which includes the previous values of a list. Undefined if the text is not
 * allowed. An empty text is always allowed: scripts write `--name "$NAME"` with an empty variable.
 */
export function parseValue(
  flag: Flag,
  text: string,
  { command, previous }: ValueContext,
): FlagValue | undefined {
  const before = isList(previous) ? previous : [];
  switch (flag.kind) {
    case 'switch':
      return text === '' ? false : parseGoBoolean(text);
    case 'text': {
      const value = flag.anyCase ? text.toLowerCase() : text;
      const isAllowed = flag.isNumber ? NUMBER.test(value) : choicesOf(flag, command)?.includes(value);
      if (value !== '' && !(isAllowed ?? true)) return undefined;
      if (flag.repeats) return value === '' ? [] : [...before, value];
      return value;
    }
    case 'file':
      return text === '' || before.includes(text) ? before : [...before, text];
    case 'list':
      if (isSwitch(flag, command)) return switchedList(text);
      return [
        ...before,
        ...(flag.split === 'whole' ? [text] : text.split(',').filter((part) => part !== '')),
      ];
  }
}

/** Returns the value of a list that a command takes as a switch: not empty if it is on. */
function switchedList(text: string): FlagValue | undefined {
  const on = text === '' ? false : parseGoBoolean(text);
  return on === undefined ? undefined : on ? ['true'] : [];
}

/** Whether a value is a list. */
export function isList(value: FlagValue | undefined): value is readonly string[] {
  return Array.isArray(value);
}

/** Returns a flag of a command as `--help` shows it: `-f, --secret-file <file>`. */
export function usageOf(flag: Flag, command?: CommandName): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  if (flag.kind === 'switch' || isSwitch(flag, command)) return `${short}--${flag.name}`;
  const own = command === undefined ? undefined : flag.placeholderOf?.[command];
  return `${short}--${flag.name} <${own ?? flag.placeholder}>`;
}

/** A whole number from 1 on that JavaScript holds exactly. */
const NUMBER = /^[1-9][0-9]{0,8}$/;

/** Describes what a flag requires of its value, after the value or its absence was found to be wrong. */
export function requirementOf(
  flag: Flag,
  text: string | undefined,
  command: CommandName | undefined,
): string {
  if (text === undefined) return 'requires a value';
  if (flag.kind === 'text' && flag.isNumber) return 'must be a number from 1 on';
  const allowed = choicesOf(flag, command) ?? ['true', 'false'];
  return `must be ${allowed.join(' or ')}`;
}
