import type { Clock } from '../../clock.ts';
import type { Access } from '../http/connection.ts';

/** Tokens are renewed on disk well before they expire; a minute is what client-go allows itself. */
const REREAD_AFTER = 60_000;
/** The shortest time from a look for a changed CA file that found none to the next, in milliseconds. */
const TRUST_PAUSE = 1000;

/** Access from files that change under a running process: read again after a minute, and when it is refused. */
export class Reread {
  readonly #read: () => Promise<Access>;
  readonly #clock: Clock;
  #last: Access | undefined;
  #at = 0;
  /** The read under way. */
  #reading: Promise<Access> | undefined;
  /** When a look for a changed CA file last found none. */
  #unchangedAt: number | undefined;

  constructor(read: () => Promise<Access>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** The same object for as long as the same is in the files. */
  async access(): Promise<Access> {
    if (this.#last && this.#clock.elapsed() - this.#at <= REREAD_AFTER) return this.#last;
    return this.#reread();
  }

  /** Reads the files again, unless that has happened since `refused` was returned. */
  async renew(refused: Access): Promise<void> {
    if (refused === this.#last) await this.#reread();
  }

  /**
   * Like `renew`, after the server's certificate was not trusted. While the files stay the same, they are read at most
   * once per second, however many connections fail.
   */
  async renewTrust(refused: Access): Promise<void> {
    const waited = this.#clock.elapsed() - (this.#unchangedAt ?? -Infinity);
    if (waited < TRUST_PAUSE) return;
    await this.renew(refused);
    this.#unchangedAt = refused === this.#last ? this.#clock.elapsed() : undefined;
  }

  /** Concurrent calls share one read. */
  #reread(): Promise<Access> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readNow(): Promise<Access> {
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
