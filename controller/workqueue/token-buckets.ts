import type { Clock } from '../../shared/clock.ts';
import { TokenBucket, type TokenDecision, type TokenRate } from './token-bucket.ts';

/** The most buckets that are not full. Beyond, requests that would need a new bucket are refused. */
const MAX_BUCKETS = 65_536;

/**
 * A token bucket for each name, all of the same rate. Drops full buckets, since a full bucket equals a new one. Never
 * drops other buckets, so that nobody gets a full bucket by using many names.
 */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #rate: TokenRate;
  /** The most recently used bucket is last. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, rate: TokenRate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** The number of buckets. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Returns whether a bucket has this many tokens now. Takes nothing. */
  peek(name: string, tokens = 1): TokenDecision {
    const bucket = this.#buckets.get(name);
    if (bucket) return bucket.peek(tokens);
    const full = new TokenBucket(this.#clock, this.#rate);
    const hasRoom = this.#buckets.size < MAX_BUCKETS || this.#dropFull();
    return hasRoom ? full.peek(tokens) : { ...full.peek(0), allowed: false };
  }

  /** Takes tokens, without checking that the bucket has them. */
  take(name: string, tokens = 1): void {
    this.#dropFull();
    const bucket = this.#buckets.get(name) ?? new TokenBucket(this.#clock, this.#rate);
    bucket.take(tokens);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
  }

  /** Drops full buckets from the front, up to the first that is not full. Returns whether it dropped any. */
  #dropFull(): boolean {
    const before = this.#buckets.size;
    for (const [name, bucket] of this.#buckets) {
      if (!bucket.isFull) break;
      this.#buckets.delete(name);
    }
    return this.#buckets.size < before;
  }
}
