import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { escaped } from '../../shared/text.ts';
import { parseGoBoolean } from '../../shared/go-values.ts';
import { FLAGS, type Flag, type FlagName } from './definitions.ts';
import {
  CliExit,
  flagNamed,
  flagOfArgument,
  parseValue,
  withEnvironment,
  type ParsedFlags,
  type FlagValue,
} from './parsed-flags.ts';
import { flagsLike } from './suggest.ts';

/**
 * Reads flags as Go's pflag does, then the environment. The command line takes precedence, and lists are concatenated.
 * Throws `CliExit` with code 0 after printing the help, or with code 2 if a flag does not parse.
 */
export function readCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  program: string,
): ParsedFlags {
  const command = createCommand(program);
  try {
    command.parse(normalized(argv, command), { from: 'user' });
  } catch (error) {
    // Commander has printed the error. Like the reference, exit with 2 if a flag does not parse.
    if (error instanceof CommanderError) throw new CliExit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
  const values = new Map<FlagName, FlagValue>();
  for (const option of command.options) {
    const name = flagNamed(option.long ?? '');
    const value: unknown = name && command.getOptionValue(option.attributeName());
    if (name !== undefined && isValue(value)) values.set(name, value);
  }
  return withEnvironment(values, command.args, environment);
}

function isValue(value: unknown): value is FlagValue {
  return typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value);
}

function createCommand(program: string): Command {
  const command = new Command(program)
    .description('Seals Kubernetes Secrets, so that they can be kept in Git.')
    .usage('[flags] < secret.yaml > sealed.json')
    .allowExcessArguments(true)
    .addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Other:'))
    .addHelpText('after', examples(program))
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .exitOverride();
  for (const [name, flag] of FLAGS) {
    command.addOption(optionOf(name, flag));
    // `--flag=false` is rewritten to this form.
    if (flag.value === undefined)
      command.addOption(new Option(`--no-${name}`).helpGroup(flag.group).hideHelp());
  }
  return command;
}

function examples(program: string): string {
  return `
Examples:
  ${program} -f secret.yaml -w sealed.yaml
  ${program} --fetch-cert > cert.pem
  echo -n value | ${program} --raw --name db -n prod --cert cert.pem
  ${program} --merge-into sealed.yaml -f one-more-item.yaml
  source <(${program} completion bash)
`;
}

function optionOf(name: FlagName, flag: Flag): Option {
  const value = flag.value === undefined ? '' : ` <${flag.value}>`;
  const option = new Option(`${flag.short ? `-${flag.short}, ` : ''}--${name}${value}`, describe(flag));
  if (flag.value !== undefined) option.argParser(argumentParser(flag));
  return option.helpGroup(flag.group).hideHelp(flag.hidden ?? false);
}

function describe(flag: Flag): string {
  return flag.default === undefined ? flag.help : `${flag.help} (default: ${flag.default})`;
}

function argumentParser(flag: Flag): (text: string, previous: unknown) => FlagValue {
  return (text, previous) => {
    const value = parseValue(flag, text, previous);
    if (value === undefined)
      throw new InvalidArgumentError(`It is one of ${flag.choices?.join(', ') ?? ''}.`);
    return value;
  };
}

/**
 * Rewrites arguments from pflag's syntax to commander's: `-o=yaml` becomes `--format=yaml`, and `--raw=true` becomes
 * `--raw`. Throws `CommanderError` if the value of a switch is not a boolean.
 */
function normalized(argv: readonly string[], command: Command): string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...words, ...argv.slice(at)];
    const [, dashed = word, value] = /^(-[a-zA-Z]|--[^=]+)=([^]*)$/.exec(word) ?? [];
    const name = flagOfArgument(dashed);
    if (name === undefined) {
      words.push(word);
    } else if (FLAGS.get(name)?.value === undefined) {
      words.push(value === undefined ? word : switchArgument(name, value, command));
    } else {
      const text = value ?? argv[++at];
      // One argument, so that a value may begin with a dash.
      words.push(text === undefined ? word : `--${name}=${text}`);
    }
  }
  return words;
}

function switchArgument(name: FlagName, value: string, command: Command): string {
  const on = value === '' ? false : parseGoBoolean(value);
  if (on === undefined) command.error(`error: option '--${name}' is on or off: true or false`);
  return on ? `--${name}` : `--no-${name}`;
}

/** Returns commander's message in one line, without the value of an unknown flag, which may be a password. */
function oneLine(text: string): string {
  return `${escaped(
    text
      .trim()
      .replaceAll('\n', ' ')
      .replace(/'(--?[^'=]+)=[^']*'/, "'$1'")
      .replace(/^(error: unknown option '(--[^']+)')(.*)$/, withSuggestion),
  )}\n`;
}

/** Suggests flags by prefix: commander's edit distance suggests `--secret-file` for `--cert-file`. */
function withSuggestion(_: string, message: string, unknown: string, suggestion: string): string {
  const likely = flagsLike(unknown);
  if (likely.length === 0) return message + suggestion;
  return `${message} (Did you mean ${likely.length === 1 ? '' : 'one of '}${likely.join(', ')}?)`;
}
