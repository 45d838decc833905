import type { CommandOptions } from '../../cli/commands/list.ts';
import { prepareCommand, type Prepared } from '../../cli/commands/prepare.ts';
import type { CliContext } from '../../cli/context.ts';
import type { CommandName } from '../../cli/flags/commands.ts';
import { parseCommandLine } from '../../cli/flags/parse.ts';
import { ParsedFlags } from '../../cli/flags/parsed-flags.ts';
import { SeveralFailures } from '../../cli/for-each.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';
import { describeForUser } from '../../cli/errors.ts';

/** The messages of a command. */
export interface CommandOutput {
  readonly warnings: readonly string[];
  /** Empty if the command succeeded. */
  readonly errors: readonly string[];
}

/** Parses arguments and an environment as kubeseal does. */
export function parsedFlags(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ParsedFlags {
  return new ParsedFlags(parseCommandLine(args), environment);
}

/** Prepares the command that arguments and an environment select, as kubeseal does. */
export async function prepared(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Prepared> {
  return prepareCommand(parsedFlags(args, environment));
}

/** Returns the options of a command. Throws if the arguments select another one. */
export async function optionsFor<Name extends CommandName>(
  name: Name,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Extract<CommandOptions, { readonly command: Name }>> {
  const { options } = (await prepared(args, environment)).command;
  if (!isFor(options, name)) throw new Error(`the arguments select ${options.command}, not ${name}`);
  return options;
}

function isFor<Name extends CommandName>(
  options: CommandOptions,
  name: Name,
): options is Extract<CommandOptions, { readonly command: Name }> {
  return options.command === name;
}

/** Commands that change a file or print nothing. */
const RUNS_HERE: readonly CommandName[] = [
  'merge-into',
  're-encrypt',
  'validate',
  'unset',
  'set',
  'create',
  'seal',
];

/**
 * Runs a command in this process, which is cheaper than starting one. For tables of cases; other tests run the same
 * commands as a process. The command must change a file or print nothing.
 */
export async function inProcess(
  args: readonly string[],
  clock: Clock = systemClock,
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandOutput> {
  const warnings: string[] = [];
  const context: CliContext = { environment, clock, warn: (line) => void warnings.push(line) };
  try {
    const { command } = await prepared(args, environment);
    if (!RUNS_HERE.includes(command.options.command))
      throw new Error(`${command.options.command} has to run as a process`);
    await command.run(context);
    return { warnings, errors: [] };
  } catch (error) {
    const failures = error instanceof SeveralFailures ? error.failures : [failureOf(error, 'kubeseal')];
    if (error instanceof SeveralFailures && error.summary !== undefined) warnings.push(error.summary);
    return { warnings, errors: failures.map((failure) => describeForUser(failure)) };
  }
}
