#!/usr/bin/env node
import { systemClock } from '../shared/clock.ts';
import { failureOf } from '../shared/errors.ts';
import { escaped, MAX_PRINTED, shortened } from '../shared/text.ts';
import type { CliContext } from './context.ts';
import { prepareCommand } from './commands/prepare.ts';
import { commandAt } from './flags/commands.ts';
import { FlagError, parseCommandLine } from './flags/parse.ts';
import { ParsedFlags } from './flags/parsed-flags.ts';
import { isPluginCompletion, programName } from './flags/program.ts';
import { SeveralFailures } from './for-each.ts';
import { describeForUser } from './errors.ts';
import { colored } from './io/color.ts';

/** The exit code for flags that do not parse, as in the reference. */
const UNPARSABLE_FLAGS = 2;

const context: CliContext = {
  environment: process.env,
  clock: systemClock,
  warn: (line) => {
    const text = shortened(escaped(line), MAX_PRINTED).replace(
      /^warning:/,
      colored('warning:', 'yellow', process.stderr),
    );
    process.stderr.write(`${text}\n`);
  },
};

/** Runs the command that the arguments select. Returns the exit code. Throws `FlagError` if they do not parse. */
async function run(argv: readonly string[]): Promise<number> {
  const flags = new ParsedFlags(parseCommandLine(argv), process.env);
  if (flags.on('help')) {
    const { helpText } = await import('./flags/help.ts');
    process.stdout.write(helpText(programName(process), flags));
    return 0;
  }
  const { command, warnings } = await prepareCommand(flags);
  for (const warning of warnings) context.warn(warning);
  return command.run(context);
}

async function answerShell(request: string, words: readonly string[]): Promise<void> {
  const completion = await import('./commands/completion.ts');
  await completion.answerShell(request, words, context);
}

function printError(message: string): void {
  process.stderr.write(`${colored('error:', 'red', process.stderr)} ${message}\n`);
}

/** Prints an error and returns the exit code. `code` is that of errors of the command itself. */
function exitCodeOf(error: unknown, code: number): number {
  if (error instanceof FlagError) {
    printError(error.message);
    return UNPARSABLE_FLAGS;
  }
  // The reader of the output closed the pipe, as `head` does: there is nobody to report to.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return code;
  const failures = error instanceof SeveralFailures ? error.failures : [failureOf(error, 'kubeseal')];
  for (const failure of failures) {
    printError(describeForUser(failure, MAX_PRINTED));
  }
  if (error instanceof SeveralFailures && error.summary !== undefined) context.warn(error.summary);
  return code;
}

// A broken pipe also emits an event, which would end the process with a stack trace.
process.stdout.on('error', () => undefined);

async function main(): Promise<void> {
  // Fail unless everything completes: Node also exits when a pending promise can never settle.
  const argv = process.argv.slice(2);
  const errorCode = commandAt(argv).command?.errorCode ?? 1;
  process.exitCode = errorCode;
  try {
    let code = 0;
    if (isPluginCompletion(process)) await answerShell('__complete', argv);
    else if (argv[0]?.startsWith('__complete')) await answerShell(argv[0], argv.slice(1));
    else code = await run(argv);
    process.exitCode = code;
  } catch (error) {
    process.exitCode = exitCodeOf(error, errorCode);
  }
}

void main();
