import type { Arena } from './arena.ts';

/** One attack, and what must become of it. */
export interface Attack {
  readonly name: string;
  /**
   * Attacks, and waits for the result.
   *
   * @returns what happened
   * @throws where that is not what must happen
   */
  run(arena: Arena): Promise<string>;
  /** Brings the controller into the midst of the attack, where SIGTERM is then sent to it. By default it stays as it is. */
  putUnderLoad?(arena: Arena): Promise<void>;
  /** The command line is attacked, so there is nothing to measure. */
  readonly ofCommandLine?: true;
}
