import type { Clock } from '../../clock.ts';
import type { Access } from '../http/connection.ts';

/** How often to re-read the files, in ms, as in client-go. Tokens are renewed on disk well before they expire. */
const REREAD_AFTER = 60_000;
/** How long to wait after a re-read that found an unchanged CA file before the next one, in ms. */
const TRUST_PAUSE = 1000;

/** Access from files that change while the process runs. Re-reads them every minute, and when the server refuses it. */
export class Reread {
  readonly #read: () => Promise<Access>;
  readonly #clock: Clock;
  #last: Access | undefined;
  /** When the files were last read (`Clock.elapsed`). */
  #readAt = 0;
  /** The read in progress. */
  #reading: Promise<Access> | undefined;
  /** When `renewTrust` last found the files unchanged (`Clock.elapsed`). */
  #unchangedAt: number | undefined;

  constructor(read: () => Promise<Access>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Returns the current access: the same object as long as the files stay the same. Throws if the first read fails. */
  async access(): Promise<Access> {
    if (this.#last && this.#clock.elapsed() - this.#readAt <= REREAD_AFTER) return this.#last;
    return this.#reread();
  }

  /** Re-reads the files, unless that has happened since `refused` was returned. */
  async renew(refused: Access): Promise<void> {
    if (refused === this.#last) await this.#reread();
  }

  /**
   * Like `renew`, after the server's certificate was not trusted. Reads unchanged files at most once per second, however
   * many connections fail.
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
      // A file may be missing for a moment while it is replaced.
      if (before === undefined) throw error;
      return before;
    });
    this.#readAt = this.#clock.elapsed();
    if (before === undefined || JSON.stringify(now) !== JSON.stringify(before)) this.#last = now;
    return this.#last ?? now;
  }
}
