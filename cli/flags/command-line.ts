import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { escaped } from '../../shared/text.ts';
import { parseGoBoolean } from '../../shared/go-values.ts';
import { FLAGS, type Flag, type FlagName } from './definitions.ts';
import {
  CliExit,
  flagNamed,
  named,
  valueOf,
  withEnvironment,
  type ParsedFlags,
  type Value,
} from './parsed-flags.ts';
import { flagsLike } from './suggest.ts';

/**
 * Reads flags as Go's pflag does, then the environment: the command line wins, and lists add up. Throws `Finished` where help was asked for (0) or a flag does not parse (2).
 */
export function readCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  program: string,
): ParsedFlags {
  const command = commandNamed(program);
  try {
    command.parse(normalized(argv, command), { from: 'user' });
  } catch (error) {
    // Commander has printed what is wrong; the reference exits with 2 for a flag that does not parse.
    if (error instanceof CommanderError) throw new CliExit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
  const values = new Map<FlagName, Value>();
  for (const option of command.options) {
    const name = flagNamed(option.long ?? '');
    const value: unknown = name && command.getOptionValue(option.attributeName());
    if (name !== undefined && isValue(value)) values.set(name, value);
  }
  return withEnvironment(values, command.args, environment);
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value);
}

function commandNamed(program: string): Command {
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
    // What `--flag=false` becomes.
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
  if (flag.value !== undefined) option.argParser(reader(flag));
  return option.helpGroup(flag.group).hideHelp(flag.hidden ?? false);
}

function describe(flag: Flag): string {
  return flag.default === undefined ? flag.help : `${flag.help} (default: ${flag.default})`;
}

function reader(flag: Flag): (text: string, before: unknown) => Value {
  return (text, before) => {
    const value = valueOf(flag, text, before);
    if (value === undefined)
      throw new InvalidArgumentError(`It is one of ${flag.choices?.join(', ') ?? ''}.`);
    return value;
  };
}

/**
 * The words as pflag reads them: `-o=yaml` is `-o yaml`, and `--raw=true` is `--raw`. Throws `CommanderError` for a
 * switch with another value.
 */
function normalized(argv: readonly string[], command: Command): string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...words, ...argv.slice(at)];
    const [, dashed = word, value] = /^(-[a-zA-Z]|--[^=]+)=([^]*)$/.exec(word) ?? [];
    const name = named(dashed);
    if (name === undefined) {
      words.push(word);
    } else if (FLAGS.get(name)?.value === undefined) {
      words.push(value === undefined ? word : switched(name, value, command));
    } else {
      const text = value ?? argv[++at];
      // One word, so that a value may begin with a dash.
      words.push(text === undefined ? word : `--${name}=${text}`);
    }
  }
  return words;
}

function switched(name: FlagName, value: string, command: Command): string {
  const on = value === '' ? false : parseGoBoolean(value);
  if (on === undefined) command.error(`error: option '--${name}' is on or off: true or false`);
  return on ? `--${name}` : `--no-${name}`;
}

/** Commander's message in one line, without the value behind an unknown flag: it may be a password. */
function oneLine(text: string): string {
  return `${escaped(
    text
      .trim()
      .replaceAll('\n', ' ')
      .replace(/'(--?[^'=]+)=[^']*'/, "'$1'")
      .replace(/^(error: unknown option '(--[^']+)')(.*)$/, suggested),
  )}\n`;
}

/** A prefix says more than the library's edit distance, which takes `--cert-file` for `--secret-file`. */
function suggested(_: string, message: string, unknown: string, suggestion: string): string {
  const likely = flagsLike(unknown);
  if (likely.length === 0) return message + suggestion;
  return `${message} (Did you mean ${likely.length === 1 ? '' : 'one of '}${likely.join(', ')}?)`;
}
