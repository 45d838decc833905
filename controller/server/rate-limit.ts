import type { Clock } from '../../shared/clock.ts';
import type { Client } from './client.ts';

/** Whether a bucket allows a request. Times are in ms. */
export interface RateLimitDecision {
  readonly allowed: boolean;
  /** How many tokens the full bucket holds. */
  readonly limit: number;
  /** How many tokens are left after this request. */
  readonly remaining: number;
  /** After how long the bucket is full again. */
  readonly resetAfter: number;
  /** After how long the request would be allowed; 0 if it is allowed now. */
  readonly retryAfter: number;
}

/** The most buckets that are not full. Beyond, requests that would need a new bucket are refused. */
const MAX_BUCKETS = 65_536;

/**
 * Token buckets by name, which all fill at the same rate. Drops full buckets, since a full bucket equals a new one. Never
 * drops other buckets, so that nobody gets a full bucket by using many names.
 */
export class TokenBuckets {
  readonly #interval: number;
  readonly #limit: number;
  /** When each bucket will be full, by the clock's elapsed time in ms. The most recently used bucket is last. */
  readonly #fullAt = new Map<string, number>();

  /** @param limit how many tokens a full bucket holds */
  constructor(perSecond: number, limit: number) {
    this.#interval = 1000 / perSecond;
    this.#limit = limit;
  }

  /** The number of buckets. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Returns whether a bucket has `cost` tokens now. Takes nothing. */
  peek(name: string, now: number, cost = 1): RateLimitDecision {
    const fillEmpty = this.#timeToFillEmpty;
    const fill = this.#timeToFill(name, now);
    const fillAfter = fill + cost * this.#interval;
    const hasRoom = this.#fullAt.has(name) || this.#fullAt.size < MAX_BUCKETS || this.#dropFull(now);
    const allowed = hasRoom && fillAfter <= fillEmpty;
    return {
      allowed,
      limit: this.#limit,
      remaining: Math.floor((fillEmpty - (allowed ? fillAfter : fill)) / this.#interval),
      resetAfter: allowed ? fillAfter : fill,
      retryAfter: allowed ? 0 : Math.max(fillAfter - fillEmpty, 0),
    };
  }

  /** Takes `cost` tokens, without checking that the bucket has them. */
  take(name: string, now: number, cost = 1): void {
    this.#dropFull(now);
    const fullAt = now + this.#timeToFill(name, now) + cost * this.#interval;
    this.#fullAt.delete(name);
    this.#fullAt.set(name, fullAt);
  }

  /** How long an empty bucket takes to fill, in ms. */
  get #timeToFillEmpty(): number {
    return this.#limit * this.#interval;
  }

  /** Returns how long the bucket takes to fill, in ms. */
  #timeToFill(name: string, now: number): number {
    return Math.max((this.#fullAt.get(name) ?? now) - now, 0);
  }

  /** Drops full buckets from the front, up to the first that is not full. Returns whether it dropped any. */
  #dropFull(now: number): boolean {
    const before = this.#fullAt.size;
    for (const name of this.#fullAt.keys()) {
      if (this.#timeToFill(name, now) > 0) break;
      this.#fullAt.delete(name);
    }
    return this.#fullAt.size < before;
  }
}

/** The rate of one client: `perSecond` requests per second, and `burst` + 1 at once. Not positive: no limit. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The rate of a peer, as a multiple of a client's: many clients, the users of the API server's proxy, share a peer. */
const CLIENTS = 20;
/** The same for re-encryption, which fewer clients run at the same time. */
const ROTATING_CLIENTS = 5;

/** How many small re-encryptions cost as much as one verification: re-encryption is a bulk job of many small objects. */
const SMALL_ROTATIONS = 20;
/** The size of a small object, in bytes. A larger body costs one small re-encryption per this size. */
const SMALL_BODY = 32 * 1024;

/** How the requests of an endpoint count. */
interface RequestCost {
  /** How many tokens a request of full cost takes. */
  readonly tokens: number;
  /** The rate of a peer, as a multiple of the rate of a client. */
  readonly clients: number;
}

/**
 * Limits the request rate of clients. Each client, as the last proxy names it, has a bucket. Since a direct caller can
 * name any client, all clients of a TCP peer also share a larger bucket. A request that the client's bucket refuses takes
 * nothing from the shared one: no single user of the proxy can use up the share of all.
 */
export class ClientLimit {
  readonly #clock: Clock;
  readonly #tokens: number;
  readonly #clients: TokenBuckets | undefined;
  readonly #peers: TokenBuckets | undefined;

  constructor(clock: Clock, rate: Rate, { tokens, clients }: RequestCost = { tokens: 1, clients: CLIENTS }) {
    this.#clock = clock;
    this.#tokens = tokens;
    if (rate.perSecond <= 0) return;
    const perSecond = rate.perSecond * tokens;
    const limit = (Math.max(0, rate.burst) + 1) * tokens;
    this.#clients = new TokenBuckets(perSecond, limit);
    this.#peers = new TokenBuckets(perSecond * clients, limit * clients);
  }

  /**
   * Returns the limit of re-encryptions: 20 of up to 32 KiB for each verification that the rate allows, and
   * proportionally fewer of larger objects.
   */
  static ofRotations(clock: Clock, rate: Rate): ClientLimit {
    return new ClientLimit(clock, rate, { tokens: SMALL_ROTATIONS, clients: ROTATING_CLIENTS });
  }

  /**
   * Takes tokens for a request, if both buckets have enough. Returns undefined if there is no limit.
   *
   * @param bytes the announced size of the body; infinite if unknown
   */
  take(client: Client, path: string, bytes = 0): RateLimitDecision | undefined {
    if (this.#clients === undefined || this.#peers === undefined) return undefined;
    const now = this.#clock.elapsed();
    const name = `${client.peer} ${client.forwardedFor} ${path}`;
    const cost = Math.min(Math.max(1, Math.ceil(bytes / SMALL_BODY)), this.#tokens);
    const own = this.#clients.peek(name, now, cost);
    if (!own.allowed) return own;
    const shared = this.#peers.peek(client.peer, now, cost);
    if (!shared.allowed) return { ...own, allowed: false, remaining: 0, retryAfter: shared.retryAfter };
    this.#clients.take(name, now, cost);
    this.#peers.take(client.peer, now, cost);
    return own;
  }
}

/** Returns the response headers for a decision, named as in the reference implementation. */
export function limitHeaders(decision: RateLimitDecision): Record<string, string> {
  const { allowed, limit, remaining, resetAfter, retryAfter } = decision;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAfter / 1000)),
    ...(allowed ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter / 1000))) }),
  };
}
