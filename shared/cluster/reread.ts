import type { Clock } from '../clock.ts';
import type { Access } from './connection.ts';

/** Tokens are renewed on disk well before they expire; a minute is what client-go allows itself. */
const REREAD_AFTER = 60_000;

/** Access from files that change under a running process: read again after a minute, and when it is refused. */
export class Reread {
  readonly #read: () => Promise<Access>;
  readonly #clock: Clock;
  #last: Access | undefined;
  #at = 0;

  constructor(read: () => Promise<Access>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** The same object for as long as the same is in the files. */
  async access(): Promise<Access> {
    if (this.#last && this.#clock.elapsed() - this.#at <= REREAD_AFTER) return this.#last;
    return this.#reread();
  }

  /** Reads again, unless that has happened since this was given. */
  async renew(refused: Access): Promise<void> {
    if (refused === this.#last) await this.#reread();
  }

  async #reread(): Promise<Access> {
    const before = this.#last;
    const now = await this.#read().catch((error: unknown) => {
      // A file may be away for a moment while it is replaced.
      if (before === undefined) throw error;
      return before;
    });
    this.#at = this.#clock.elapsed();
    if (before === undefined || JSON.stringify(now) !== JSON.stringify(before)) this.#last = now;
    return this.#last ?? now;
  }
}
