import type { Clock } from '../shared/clock.ts';

/** What a mode may use of the process it runs in. */
export interface Context {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Tells the user something beside the result; one line on stderr. */
  note(line: string): void;
}
