#!/usr/bin/env node
import { systemClock } from '../shared/clock.ts';
import { describe, escaped, failureOf } from '../shared/errors.ts';
import type { Context } from './context.ts';
import { Finished, parseOptions, type Options } from './options.ts';

const context: Context = {
  environment: process.env,
  clock: systemClock,
  note: (line) => process.stderr.write(`${escaped(line)}\n`),
};

/** Each mode is loaded when it is asked for: sealing offline loads no cluster code. */
async function run(options: Options): Promise<void> {
  if (options.ignored.length > 0)
    context.note(`(ignored: ${options.ignored.map((word) => JSON.stringify(word)).join(' ')})`);
  switch (options.mode) {
    case 'version': {
      const { version } = await import('../shared/version.ts');
      process.stdout.write(`kubeseal version: ${version()}\n`);
      return;
    }
    case 'seal':
      return (await import('./modes/seal.ts')).sealMode(options, context);
    case 'fetch-cert':
      return (await import('./modes/fetch-cert.ts')).fetchCertMode(options, context);
    case 'recovery-unseal':
      return (await import('./modes/recover.ts')).recoverMode(options, context);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Finished) return error.exitCode;
  // The reader of our output went away, as `head` does: nobody is left to tell.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 1;
  process.stderr.write(`error: ${describe(failureOf(error, 'kubeseal'))}\n`);
  return 1;
}

// A broken pipe also comes as an event, which would end the process with a stack trace.
process.stdout.on('error', () => undefined);

try {
  await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
