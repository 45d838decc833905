import type { Clock } from '../../shared/clock.ts';
import type { Log } from './log.ts';

/** How long the API server must not have refused a request until it counts as recovered, in ms. */
const QUIET = 60_000;

/** Logs when the API server begins to refuse requests for being too many, and when it has not done so for a minute. */
export class ThrottleLog {
  readonly #log: Log;
  readonly #clock: Clock;
  /** The refusals since the API server began: how many, and when the first and the last came, in ms of the clock. */
  #refused: { count: number; readonly first: number; last: number } | undefined;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Records an answer that asks for a pause.
   *
   * @param pause how long the API server asks to wait, in ms
   */
  refused(status: number, pause: number): void {
    this.answered();
    const now = this.#clock.elapsed();
    if (this.#refused === undefined) {
      this.#refused = { count: 0, first: now, last: now };
      const seconds = pause / 1000;
      this.#log.warn('the API server refuses requests as too many; sending fewer', { status, seconds });
    }
    this.#refused.count++;
    this.#refused.last = now;
  }

  /** Records any answer. */
  answered(): void {
    if (this.#refused === undefined) return;
    const { count, first, last } = this.#refused;
    if (this.#clock.elapsed() - last < QUIET) return;
    this.#refused = undefined;
    const seconds = Math.round((last - first) / 1000);
    this.#log.info('the API server takes all requests again', { refused: count, seconds });
  }
}
