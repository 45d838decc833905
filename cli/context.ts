import type { Clock } from '../shared/clock.ts';

/** What a mode may use of the process it runs in. */
export interface CliContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Tells the user something beside the result; one line on stderr. */
  warn(line: string): void;
}
