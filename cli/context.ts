import type { Clock } from '../shared/clock.ts';

/** What a command may use of the process that it runs in. */
export interface CliContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Writes one line to stderr, beside the result. */
  warn(line: string): void;
}
