#!/usr/bin/env node
import { systemClock } from '../shared/clock.ts';
import { failureOf } from '../shared/errors.ts';
import { escaped, MAX_PRINTED, shortened } from '../shared/text.ts';
import type { CliContext } from './context.ts';
import { CliExit, type ParsedFlags } from './flags/parsed-flags.ts';
import { refuseIgnoredFiles } from './flags/left-out.ts';
import { optionsOf, type Options } from './flags/options.ts';
import { readSimpleCommandLine } from './flags/quick-line.ts';
import { isPluginCompletion, programName } from './flags/program.ts';
import { SeveralFailures } from './for-each.ts';

const RED = 31;
const YELLOW = 33;

const context: CliContext = {
  environment: process.env,
  clock: systemClock,
  warn: (line) => {
    const text = shortened(escaped(line), MAX_PRINTED).replace(/^warning:/, colored('warning:', YELLOW));
    process.stderr.write(`${text}\n`);
  },
};

/** Loads each command only when it runs: sealing with a certificate file loads no cluster code. */
async function run(options: Options): Promise<void> {
  await refuseIgnoredFiles(options.possibleFiles);
  for (const warning of options.warnings) context.warn(warning);
  switch (options.command) {
    case 'version': {
      const { version } = await import('../shared/version.ts');
      process.stdout.write(`kubeseal version: ${version()}\n`);
      return;
    }
    case 'completion':
      return (await import('./commands/completion.ts')).completionCommand(options);
    case 'seal':
      return (await import('./commands/seal.ts')).sealCommand(options, context);
    case 'raw':
      return (await import('./commands/raw.ts')).rawCommand(options, context);
    case 'merge-into':
      return (await import('./commands/merge.ts')).mergeCommand(options, context);
    case 'fetch-cert':
      return (await import('./commands/fetch-cert.ts')).fetchCertCommand(options, context);
    case 'validate':
      return (await import('./commands/validate.ts')).validateCommand(options, context);
    case 're-encrypt':
      return (await import('./commands/re-encrypt.ts')).reEncryptCommand(options, context);
    case 'recovery-unseal':
      return (await import('./commands/recover.ts')).recoverCommand(options, context);
  }
}

async function answerShell(request: string, words: readonly string[]): Promise<void> {
  await (await import('./commands/completion.ts')).answerShell(request, words, context);
}

async function parseFlags(argv: readonly string[]): Promise<ParsedFlags> {
  const flags = readSimpleCommandLine(argv, process.env);
  if (flags) return flags;
  const { readCommandLine } = await import('./flags/command-line.ts');
  return readCommandLine(argv, process.env, programName(process));
}

/** Colours a text for a terminal, unless the user turned colours off (https://no-color.org). */
function colored(text: string, color: number): string {
  const isPlain = !process.stderr.isTTY || process.env['NO_COLOR'] || process.env['TERM'] === 'dumb';
  return isPlain ? text : `\x1b[${color}m${text}\x1b[0m`;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliExit) return error.exitCode;
  // The reader of the output closed the pipe, as `head` does: there is nobody to report to.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 1;
  const failures = error instanceof SeveralFailures ? error.failures : [failureOf(error, 'kubeseal')];
  for (const failure of failures) {
    process.stderr.write(`${colored('error:', RED)} ${failure.describe({ max: MAX_PRINTED })}\n`);
  }
  return 1;
}

// A broken pipe also emits an event, which would end the process with a stack trace.
process.stdout.on('error', () => undefined);

async function main(): Promise<void> {
  // Fail unless everything completes: Node also exits when a pending promise can never settle.
  process.exitCode = 1;
  try {
    const argv = process.argv.slice(2);
    if (isPluginCompletion(process)) await answerShell('__complete', argv);
    else if (argv[0]?.startsWith('__complete')) await answerShell(argv[0], argv.slice(1));
    else await run(optionsOf(await parseFlags(argv)));
    process.exitCode = 0;
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

void main();
