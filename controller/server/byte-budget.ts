import { heaviestGroup } from './heaviest-group.ts';
import type { Client } from './client.ts';

/** The most bytes to hold, in total and per TCP peer. */
export interface ByteLimits {
  readonly total: number;
  readonly perPeer: number;
}

/** The bytes held in memory for one request. */
export interface Hold {
  /** Adds bytes. May evict other holds of the budget, or this one. */
  grow(bytes: number): void;
  /** Returns the bytes to the budget. Does nothing when called again. */
  release(): void;
}

interface HoldEntry extends Client {
  bytes: number;
  readonly onEvict: () => void;
}

/**
 * Bounds the memory held for clients that send or read slowly. Beyond a limit, evicts the oldest hold of the heaviest
 * client of the heaviest peer: new requests are served, and a peer that invents clients loses only its own requests.
 *
 * Unlike `ConcurrencyLimit`, it always admits the newcomer: bytes of slow clients cost memory only, and the oldest
 * hold has had its time.
 */
export class ByteBudget {
  readonly #limits: ByteLimits;
  /** Oldest first. */
  readonly #entries = new Set<HoldEntry>();
  readonly #peers = new Map<string, { bytes: number; holds: number }>();
  #total = 0;

  constructor(limits: ByteLimits) {
    this.#limits = limits;
  }

  /** The number of bytes held in total. */
  get total(): number {
    return this.#total;
  }

  /** Opens an empty hold. If the hold is evicted, releases it and calls `onEvict` once. */
  hold({ peer, forwardedFor }: Client, onEvict: () => void): Hold {
    const entry: HoldEntry = { peer, forwardedFor, bytes: 0, onEvict };
    this.#entries.add(entry);
    this.#count(peer, 0, 1);
    return {
      grow: (bytes) => {
        if (bytes === 0 || !this.#entries.has(entry)) return;
        entry.bytes += bytes;
        this.#count(peer, bytes, 0);
        this.#enforce(peer);
      },
      release: () => this.#release(entry),
    };
  }

  #release(entry: HoldEntry): void {
    if (this.#entries.delete(entry)) this.#count(entry.peer, -entry.bytes, -1);
  }

  #count(peer: string, bytes: number, holds: number): void {
    const { bytes: before, holds: count } = this.#peers.get(peer) ?? { bytes: 0, holds: 0 };
    this.#total += bytes;
    if (count + holds === 0) this.#peers.delete(peer);
    else this.#peers.set(peer, { bytes: before + bytes, holds: count + holds });
  }

  #enforce(peer: string): void {
    for (;;) {
      const candidates = this.#candidates(peer);
      const victim = heaviestGroup(candidates, (entry) => entry.forwardedFor, sizeOf).find(
        ({ bytes }) => bytes > 0,
      );
      if (victim === undefined) return;
      this.#release(victim);
      victim.onEvict();
    }
  }

  /**
   * Returns the holds to evict one from; none while no limit is exceeded. A single hold stays, whatever its size: one
   * page of metrics may exceed the limit by itself.
   */
  #candidates(peer: string): readonly HoldEntry[] {
    const own = this.#peers.get(peer);
    if (own !== undefined && own.holds > 1 && own.bytes > this.#limits.perPeer) {
      return [...this.#entries].filter((entry) => entry.peer === peer);
    }
    if (this.#total <= this.#limits.total || this.#entries.size < 2) return [];
    return heaviestGroup(this.#entries, (entry) => entry.peer, sizeOf);
  }
}

function sizeOf({ bytes }: HoldEntry): number {
  return bytes;
}
