import { readCommandLine } from '../../cli/flags/command-line.ts';
import type { CliContext } from '../../cli/context.ts';
import { mergeMode } from '../../cli/commands/merge.ts';
import { reEncryptMode } from '../../cli/commands/re-encrypt.ts';
import { validateMode } from '../../cli/commands/validate.ts';
import { optionsOf, type Mode, type Options } from '../../cli/flags/options.ts';
import { SeveralFailures } from '../../cli/several.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import { describe, failureOf } from '../../shared/errors.ts';

/** What a mode told its user. */
export interface Told {
  readonly notes: readonly string[];
  /** Empty where all went well. */
  readonly errors: readonly string[];
}

const MODES: Partial<Record<Mode, (options: Options, context: CliContext) => Promise<void>>> = {
  'merge-into': mergeMode,
  're-encrypt': reEncryptMode,
  validate: validateMode,
};

/**
 * Runs a mode that changes a file, or prints nothing, without the cost of a process; for tables of files and answers
 * of which a few are also tried as a process.
 */
export async function inProcess(args: readonly string[], clock: Clock = systemClock): Promise<Told> {
  const notes: string[] = [];
  const context: CliContext = { environment: {}, clock, warn: (line) => void notes.push(line) };
  const options = optionsOf(readCommandLine(args, {}, 'kubeseal'));
  const mode = MODES[options.mode];
  if (!mode) throw new Error(`${options.mode} is to be run as a process`);
  try {
    await mode(options, context);
    return { notes, errors: [] };
  } catch (error) {
    const failures = error instanceof SeveralFailures ? error.failures : [failureOf(error, 'kubeseal')];
    return { notes, errors: failures.map((failure) => describe(failure)) };
  }
}
