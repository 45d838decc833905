import { NEVER, type Clock } from '../../shared/clock.ts';

/** A rate limit: a bucket of tokens that refills at a constant rate. */
export class TokenBucket {
  readonly #clock: Clock;
  /** Time in which one token is added, in ms. */
  readonly #interval: number;
  readonly #burst: number;
  /** When the bucket is full again if nobody takes another token, in ms of the clock. */
  #fullAt = 0;

  /**
   * @param perSecond tokens added per second; zero or less disables the limit
   * @param burst capacity of the bucket, in tokens; at least 1
   */
  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#interval = perSecond > 0 ? 1000 / perSecond : 0;
    this.#burst = Math.max(1, burst);
  }

  /** Takes a token, and waits for it if the bucket is empty. Rejects if the signal aborts while it waits. */
  async take(signal: AbortSignal = NEVER): Promise<void> {
    const now = this.#clock.elapsed();
    this.#fullAt = Math.max(this.#fullAt, now) + this.#interval;
    const wait = this.#fullAt - now - this.#burst * this.#interval;
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }
}
