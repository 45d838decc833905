import type { Arena } from './arena.ts';

/** An attack, and the check that it fails. */
export interface Attack {
  readonly name: string;
  /**
   * Attacks, and waits for the result.
   *
   * @returns a description of what happened
   * @throws if the attack succeeds
   */
  run(arena: Arena): Promise<string>;
  /** Puts the controller under load by the attack, before SIGTERM is sent. Does nothing by default. */
  putUnderLoad?(arena: Arena): Promise<void>;
  /** The attack is on the command line, so there is no controller to measure. */
  readonly ofCommandLine?: true;
}
