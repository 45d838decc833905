import { readCommandLine } from '../../cli/flags/command-line.ts';
import type { CliContext } from '../../cli/context.ts';
import { mergeCommand } from '../../cli/commands/merge.ts';
import { reEncryptCommand } from '../../cli/commands/re-encrypt.ts';
import { validateCommand } from '../../cli/commands/validate.ts';
import { optionsOf, type CommandName, type Options } from '../../cli/flags/options.ts';
import { SeveralFailures } from '../../cli/for-each.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';

/** The messages of a command. */
export interface CommandOutput {
  readonly warnings: readonly string[];
  /** Empty if the command succeeded. */
  readonly errors: readonly string[];
}

const COMMANDS: Partial<Record<CommandName, (options: Options, context: CliContext) => Promise<void>>> = {
  'merge-into': mergeCommand,
  're-encrypt': reEncryptCommand,
  validate: validateCommand,
};

/**
 * Runs a command in this process, which is cheaper than starting one. For tables of cases; other tests run the same
 * commands as a process. The command must change a file or print nothing.
 */
export async function inProcess(args: readonly string[], clock: Clock = systemClock): Promise<CommandOutput> {
  const warnings: string[] = [];
  const context: CliContext = { environment: {}, clock, warn: (line) => void warnings.push(line) };
  const options = optionsOf(readCommandLine(args, {}, 'kubeseal'));
  const command = COMMANDS[options.command];
  if (!command) throw new Error(`${options.command} has to run as a process`);
  try {
    await command(options, context);
    return { warnings, errors: [] };
  } catch (error) {
    const failures = error instanceof SeveralFailures ? error.failures : [failureOf(error, 'kubeseal')];
    return { warnings, errors: failures.map((failure) => failure.describe()) };
  }
}
