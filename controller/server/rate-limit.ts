import type { Clock } from '../../shared/clock.ts';
import type { Client } from './client.ts';

/** What a bucket says to a request. Times are in milliseconds. */
export interface RateLimitDecision {
  readonly allowed: boolean;
  /** How many requests the bucket holds when it is full. */
  readonly limit: number;
  /** How many more are allowed at once. */
  readonly remaining: number;
  /** After how long it is full again. */
  readonly resetAfter: number;
  /** After how long one more is allowed, where this one is not. */
  readonly retryAfter: number;
}

/** More buckets that are not full there never are; one more is then refused. */
const MAX_BUCKETS = 65_536;

/**
 * Buckets of tokens, one for each name, that fill at a rate. A bucket that is full is as good as none and is dropped; no
 * other one is, so that nobody gets a fresh one by making many.
 */
export class TokenBuckets {
  readonly #interval: number;
  readonly #limit: number;
  /** When each would be full again, the one that was last taken from at the end. */
  readonly #fullAt = new Map<string, number>();

  constructor(perSecond: number, limit: number) {
    this.#interval = 1000 / perSecond;
    this.#limit = limit;
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** What the bucket says now to a request that costs so many tokens. Nothing is taken. */
  peek(name: string, now: number, cost = 1): RateLimitDecision {
    const most = this.#most;
    const fill = this.#missing(name, now);
    const after = fill + cost * this.#interval;
    const room = this.#fullAt.has(name) || this.#fullAt.size < MAX_BUCKETS || this.#drop(now);
    const allowed = room && after <= most;
    return {
      allowed,
      limit: this.#limit,
      remaining: Math.floor((most - (allowed ? after : fill)) / this.#interval),
      resetAfter: allowed ? after : fill,
      retryAfter: allowed ? 0 : Math.max(after - most, 0),
    };
  }

  /** Takes so many tokens. */
  take(name: string, now: number, cost = 1): void {
    this.#drop(now);
    const fullAt = now + this.#missing(name, now) + cost * this.#interval;
    this.#fullAt.delete(name);
    this.#fullAt.set(name, fullAt);
  }

  /** How long an empty bucket takes to be full. */
  get #most(): number {
    return this.#limit * this.#interval;
  }

  /** Returns how long this bucket takes to be full. */
  #missing(name: string, now: number): number {
    return Math.max((this.#fullAt.get(name) ?? now) - now, 0);
  }

  /** Drops the buckets that are full, as far as none that is not stands before them. Gives whether there were any. */
  #drop(now: number): boolean {
    const before = this.#fullAt.size;
    for (const name of this.#fullAt.keys()) {
      if (this.#missing(name, now) > 0) break;
      this.#fullAt.delete(name);
    }
    return this.#fullAt.size < before;
  }
}

/** The rate of one client: so many requests in a second, and `burst` + 1 at once. A rate that is not positive is none. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Many clients stand behind one peer: the users of the API server's proxy. */
const CLIENTS = 20;
/** Fewer of them re-encrypt at the same time. */
const ROTATING_CLIENTS = 5;

/** Re-encryption is a bulk job of many small objects: as many of them cost as much as one verification. */
const SMALL_ROTATIONS = 20;
/** How many bytes of a body cost as much as one small object. */
const SMALL_BODY = 32 * 1024;

/** How the requests of an endpoint are counted. */
interface Counting {
  /** Into how many tokens a request is divided. */
  readonly parts: number;
  /** How many times the rate of one client a peer has. */
  readonly clients: number;
}

/**
 * The rate at which clients may ask. Each has a bucket, by what the last proxy says of it; a direct caller can say what
 * he likes, so all clients of a TCP peer have a larger one in common. What a client's own bucket refuses takes nothing
 * out of that: one user of the proxy does not use up what is for all.
 */
export class ClientLimit {
  readonly #clock: Clock;
  readonly #parts: number;
  readonly #clients: TokenBuckets | undefined;
  readonly #peers: TokenBuckets | undefined;

  constructor(clock: Clock, rate: Rate, { parts, clients }: Counting = { parts: 1, clients: CLIENTS }) {
    this.#clock = clock;
    this.#parts = parts;
    if (rate.perSecond <= 0) return;
    const perSecond = rate.perSecond * parts;
    const limit = (Math.max(0, rate.burst) + 1) * parts;
    this.#clients = new TokenBuckets(perSecond, limit);
    this.#peers = new TokenBuckets(perSecond * clients, limit * clients);
  }

  /**
   * Returns the limit of re-encryptions: twenty of up to 32 KiB in place of each verification, and fewer of larger
   * ones, so that no more bytes are let through.
   */
  static ofRotations(clock: Clock, rate: Rate): ClientLimit {
    return new ClientLimit(clock, rate, { parts: SMALL_ROTATIONS, clients: ROTATING_CLIENTS });
  }

  /**
   * Undefined: there is no limit.
   *
   * @param bytes how large the body is said to be; infinite where that is not said
   */
  ask(client: Client, path: string, bytes = 0): RateLimitDecision | undefined {
    if (this.#clients === undefined || this.#peers === undefined) return undefined;
    const now = this.#clock.elapsed();
    const name = `${client.peer} ${client.forwardedFor} ${path}`;
    const cost = Math.min(Math.max(1, Math.ceil(bytes / SMALL_BODY)), this.#parts);
    const own = this.#clients.peek(name, now, cost);
    if (!own.allowed) return own;
    const common = this.#peers.peek(client.peer, now, cost);
    if (!common.allowed) return { ...own, allowed: false, remaining: 0, retryAfter: common.retryAfter };
    this.#clients.take(name, now, cost);
    this.#peers.take(client.peer, now, cost);
    return own;
  }
}

/** As the reference names them. */
export function limitHeaders(verdict: RateLimitDecision): Record<string, string> {
  const { allowed, limit, remaining, resetAfter, retryAfter } = verdict;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAfter / 1000)),
    ...(allowed ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter / 1000))) }),
  };
}
