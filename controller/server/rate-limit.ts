import type { Clock } from '../../shared/clock.ts';
import type { TokenDecision } from '../workqueue/token-bucket.ts';
import { TokenBuckets } from '../workqueue/token-buckets.ts';
import type { Client } from './client.ts';

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
  readonly #tokens: number;
  readonly #clients: TokenBuckets | undefined;
  readonly #peers: TokenBuckets | undefined;

  constructor(clock: Clock, rate: Rate, { tokens, clients }: RequestCost = { tokens: 1, clients: CLIENTS }) {
    this.#tokens = tokens;
    if (rate.perSecond <= 0) return;
    const perSecond = rate.perSecond * tokens;
    const capacity = (Math.max(0, rate.burst) + 1) * tokens;
    this.#clients = new TokenBuckets(clock, { perSecond, capacity });
    this.#peers = new TokenBuckets(clock, { perSecond: perSecond * clients, capacity: capacity * clients });
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
  take(client: Client, path: string, bytes = 0): TokenDecision | undefined {
    if (this.#clients === undefined || this.#peers === undefined) return undefined;
    const name = `${client.peer} ${client.forwardedFor} ${path}`;
    const cost = Math.min(Math.max(1, Math.ceil(bytes / SMALL_BODY)), this.#tokens);
    const own = this.#clients.peek(name, cost);
    if (!own.allowed) return own;
    const shared = this.#peers.peek(client.peer, cost);
    if (!shared.allowed) return { ...own, allowed: false, remaining: 0, retryAfter: shared.retryAfter };
    this.#clients.take(name, cost);
    this.#peers.take(client.peer, cost);
    return own;
  }
}

/** Returns the response headers for a decision, named as in the reference implementation. */
export function limitHeaders(decision: TokenDecision): Record<string, string> {
  const { allowed, limit, remaining, resetAfter, retryAfter } = decision;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAfter / 1000)),
    ...(allowed ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter / 1000))) }),
  };
}
