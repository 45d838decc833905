import type { Client } from './client.ts';

/** The most bytes that may be held, in all and for one TCP peer. */
export interface ByteLimits {
  readonly total: number;
  readonly perPeer: number;
}

/** Bytes held in memory for one request. */
export interface Hold {
  /** Counts more bytes. May cut other holds of the budget, or this one. */
  grow(bytes: number): void;
  /** Returns the bytes to the budget. Does nothing the second time. */
  release(): void;
}

interface Held extends Client {
  bytes: number;
  readonly cut: () => void;
}

/**
 * Bounds the memory that is held for clients which send or read slowly. Beyond a limit, something is cut that the
 * heaviest client of the heaviest peer holds, its oldest first: a newcomer is served, and a peer that invents clients
 * loses its own requests only.
 */
export class ByteBudget {
  readonly #limits: ByteLimits;
  /** The oldest first. */
  readonly #held = new Set<Held>();
  readonly #peers = new Map<string, { bytes: number; holds: number }>();
  #total = 0;

  constructor(limits: ByteLimits) {
    this.#limits = limits;
  }

  /** The number of bytes held, in all. */
  get total(): number {
    return this.#total;
  }

  /** Opens a hold of no bytes. Calls `cut` once when it has to be given up; it is released then. */
  hold({ peer, forwardedFor }: Client, cut: () => void): Hold {
    const held: Held = { peer, forwardedFor, bytes: 0, cut };
    this.#held.add(held);
    this.#count(peer, 0, 1);
    return {
      grow: (bytes) => {
        if (bytes === 0 || !this.#held.has(held)) return;
        held.bytes += bytes;
        this.#count(peer, bytes, 0);
        this.#enforce(peer);
      },
      release: () => this.#release(held),
    };
  }

  #release(held: Held): void {
    if (this.#held.delete(held)) this.#count(held.peer, -held.bytes, -1);
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
      const victim = heaviest(candidates, (held) => held.forwardedFor).find(({ bytes }) => bytes > 0);
      if (victim === undefined) return;
      this.#release(victim);
      victim.cut();
    }
  }

  /**
   * Returns the holds of which one has to go; none where no limit is exceeded. A single hold stays, however large: a
   * page of metrics may exceed the limit by itself.
   */
  #candidates(peer: string): Held[] {
    const own = this.#peers.get(peer);
    if (own !== undefined && own.holds > 1 && own.bytes > this.#limits.perPeer) {
      return [...this.#held].filter((held) => held.peer === peer);
    }
    if (this.#total <= this.#limits.total || this.#held.size < 2) return [];
    return heaviest([...this.#held], (held) => held.peer);
  }
}

/** Returns those of the group that holds the most bytes. */
function heaviest(all: readonly Held[], groupOf: (held: Held) => string): Held[] {
  const groups = new Map<string, Held[]>();
  for (const held of all) {
    const group = groups.get(groupOf(held));
    if (group) group.push(held);
    else groups.set(groupOf(held), [held]);
  }
  return [...groups.values()].reduce<Held[]>((most, group) => (sum(group) > sum(most) ? group : most), []);
}

function sum(held: Iterable<Held>): number {
  let bytes = 0;
  for (const each of held) bytes += each.bytes;
  return bytes;
}
