import { NEVER, type Clock } from '../../shared/clock.ts';

/** How fast a token bucket fills, and how many tokens it holds. */
export interface TokenRate {
  /** Tokens added per second; zero or less disables the limit. */
  readonly perSecond: number;
  /** How many tokens a full bucket holds, which may be taken at once; at least 1. */
  readonly capacity: number;
}

/** Whether a bucket has enough tokens. Times are in ms. */
export interface TokenDecision {
  readonly allowed: boolean;
  /** How many tokens the full bucket holds. */
  readonly limit: number;
  /** How many tokens are left: after taking them if that is allowed. */
  readonly remaining: number;
  /** After how long the bucket is full again. */
  readonly resetAfter: number;
  /** After how long there will be enough tokens; 0 if there are. */
  readonly retryAfter: number;
}

/** A rate limit: a bucket of tokens that refills at a constant rate. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** Time in which one token is added, in ms. */
  readonly #interval: number;
  /** When the bucket is full again if nobody takes another token, in ms of the clock. */
  #fullAt = 0;

  constructor(clock: Clock, { perSecond, capacity }: TokenRate) {
    this.#clock = clock;
    this.#capacity = Math.max(1, capacity);
    this.#interval = perSecond > 0 ? 1000 / perSecond : 0;
  }

  /** Whether the bucket is full, like a new one. */
  get isFull(): boolean {
    return this.#fullAt <= this.#clock.elapsed();
  }

  /** Returns whether the bucket has this many tokens now. Takes nothing. */
  peek(tokens = 1): TokenDecision {
    const fillEmpty = this.#capacity * this.#interval;
    const fill = Math.max(this.#fullAt - this.#clock.elapsed(), 0);
    const fillAfter = fill + tokens * this.#interval;
    const allowed = fillAfter <= fillEmpty;
    const resetAfter = allowed ? fillAfter : fill;
    const remaining = Math.floor((fillEmpty - resetAfter) / (this.#interval || 1));
    return {
      allowed,
      limit: this.#capacity,
      remaining,
      resetAfter,
      retryAfter: Math.max(fillAfter - fillEmpty, 0),
    };
  }

  /** Takes tokens, even if the bucket does not have them yet. */
  take(tokens = 1): void {
    this.#fullAt = Math.max(this.#fullAt, this.#clock.elapsed()) + tokens * this.#interval;
  }

  /** Takes a token, and waits for it if the bucket is empty. Rejects if the signal aborts while it waits. */
  async wait(signal: AbortSignal = NEVER): Promise<void> {
    const { retryAfter } = this.peek();
    this.take();
    if (retryAfter > 0) await this.#clock.sleep(retryAfter, signal);
  }
}
