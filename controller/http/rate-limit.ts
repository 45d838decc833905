import type { Clock } from '../../shared/clock.ts';
import type { Client } from './client.ts';

/** What a bucket says to a request. Times are in milliseconds. */
export interface Verdict {
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
export class Buckets {
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

  /** What the bucket says to one more request now. Nothing is taken. */
  look(name: string, now: number): Verdict {
    const most = this.#most;
    const fill = this.#missing(name, now);
    const after = fill + this.#interval;
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

  /** Takes a token. */
  take(name: string, now: number): void {
    this.#drop(now);
    const fullAt = now + this.#missing(name, now) + this.#interval;
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

/** Many clients stand behind one peer: the users of the API server's proxy. */
const CLIENTS = 20;

/**
 * The rate at which clients may ask. Each has a bucket, by what the last proxy says of it; a direct caller can say what
 * he likes, so all clients of a TCP peer have a larger one in common. What a client's own bucket refuses takes nothing
 * out of that: one user of the proxy does not use up what is for all.
 */
export class ClientLimit {
  readonly #clock: Clock;
  readonly #clients: Buckets | undefined;
  readonly #peers: Buckets | undefined;

  /** So many a second, and `burst` + 1 at once; a rate that is not positive is none. */
  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    if (perSecond <= 0) return;
    const limit = Math.max(0, burst) + 1;
    this.#clients = new Buckets(perSecond, limit);
    this.#peers = new Buckets(perSecond * CLIENTS, limit * CLIENTS);
  }

  /** Undefined: there is no limit. */
  ask(client: Client, path: string): Verdict | undefined {
    if (this.#clients === undefined || this.#peers === undefined) return undefined;
    const now = this.#clock.elapsed();
    const name = `${client.peer} ${client.forwardedFor} ${path}`;
    const own = this.#clients.look(name, now);
    if (!own.allowed) return own;
    const common = this.#peers.look(client.peer, now);
    if (!common.allowed) return { ...own, allowed: false, remaining: 0, retryAfter: common.retryAfter };
    this.#clients.take(name, now);
    this.#peers.take(client.peer, now);
    return own;
  }
}

/** As the reference names them. */
export function limitHeaders(verdict: Verdict): Record<string, string> {
  const { allowed, limit, remaining, resetAfter, retryAfter } = verdict;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAfter / 1000)),
    ...(allowed ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter / 1000))) }),
  };
}
