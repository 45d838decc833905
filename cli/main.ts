#!/usr/bin/env node
import { systemClock } from '../shared/clock.ts';
import { describe, failureOf } from '../shared/errors.ts';
import { escaped, MAX_PRINTED, shortened } from '../shared/text.ts';
import type { CliContext } from './context.ts';
import { CliExit, type ParsedFlags } from './flags/parsed-flags.ts';
import { refuseLeftOut } from './flags/left-out.ts';
import { optionsOf, type Options } from './flags/options.ts';
import { readQuickly } from './flags/quick-line.ts';
import { isPluginCompletion, programName } from './flags/program.ts';
import { SeveralFailures } from './several.ts';

const RED = 31;
const YELLOW = 33;

const context: CliContext = {
  environment: process.env,
  clock: systemClock,
  warn: (line) => {
    const text = shortened(escaped(line), MAX_PRINTED).replace(/^warning:/, painted('warning:', YELLOW));
    process.stderr.write(`${text}\n`);
  },
};

/** Each mode is loaded when it is asked for: sealing offline loads no cluster code. */
async function run(options: Options): Promise<void> {
  await refuseLeftOut(options.wordsBehindFiles);
  for (const note of options.notes) context.warn(note);
  switch (options.mode) {
    case 'version': {
      const { version } = await import('../shared/version.ts');
      process.stdout.write(`kubeseal version: ${version()}\n`);
      return;
    }
    case 'completion':
      return (await import('./commands/completion.ts')).completionMode(options);
    case 'seal':
      return (await import('./commands/seal.ts')).sealMode(options, context);
    case 'raw':
      return (await import('./commands/raw.ts')).rawMode(options, context);
    case 'merge-into':
      return (await import('./commands/merge.ts')).mergeMode(options, context);
    case 'fetch-cert':
      return (await import('./commands/fetch-cert.ts')).fetchCertMode(options, context);
    case 'validate':
      return (await import('./commands/validate.ts')).validateMode(options, context);
    case 're-encrypt':
      return (await import('./commands/re-encrypt.ts')).reEncryptMode(options, context);
    case 'recovery-unseal':
      return (await import('./commands/recover.ts')).recoverMode(options, context);
  }
}

async function answerShell(asker: string, words: readonly string[]): Promise<void> {
  await (await import('./commands/completion.ts')).answerShell(asker, words, context);
}

async function given(argv: readonly string[]): Promise<ParsedFlags> {
  const quickly = readQuickly(argv, process.env);
  if (quickly) return quickly;
  const { readCommandLine } = await import('./flags/command-line.ts');
  return readCommandLine(argv, process.env, programName(process));
}

/** Colour is for a terminal whose user has not asked to be spared (https://no-color.org). */
function painted(text: string, colour: number): string {
  const isPlain = !process.stderr.isTTY || process.env['NO_COLOR'] || process.env['TERM'] === 'dumb';
  return isPlain ? text : `\x1b[${colour}m${text}\x1b[0m`;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliExit) return error.exitCode;
  // The reader of our output went away, as `head` does: nobody is left to tell.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 1;
  const failures = error instanceof SeveralFailures ? error.failures : [failureOf(error, 'kubeseal')];
  for (const failure of failures) {
    process.stderr.write(`${painted('error:', RED)} ${describe(failure, { max: MAX_PRINTED })}\n`);
  }
  return 1;
}

// A broken pipe also comes as an event, which would end the process with a stack trace.
process.stdout.on('error', () => undefined);

async function main(): Promise<void> {
  // Until all is done it has failed: a process also ends when what it waits for never comes.
  process.exitCode = 1;
  try {
    const argv = process.argv.slice(2);
    if (isPluginCompletion(process)) await answerShell('__complete', argv);
    else if (argv[0]?.startsWith('__complete')) await answerShell(argv[0], argv.slice(1));
    else await run(optionsOf(await given(argv)));
    process.exitCode = 0;
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

void main();
