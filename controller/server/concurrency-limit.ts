import type { Client } from './client.ts';
import { heaviestGroup } from './heaviest-group.ts';

interface Load {
  requests: number;
  bytes: number;
}

const MIB = 1024 * 1024;

/** How many requests may be processed at once, and how many bytes they may hold in memory. */
const TOTAL: Readonly<Load> = { requests: 32, bytes: 32 * MIB };
const PER_PEER: Readonly<Load> = { requests: 16, bytes: 16 * MIB };
const PER_CLIENT: Readonly<Load> = { requests: 4, bytes: 8 * MIB };

/** The slot of one request that is being processed. */
export interface Slot {
  /** Sets how many bytes the request holds. If that would exceed a limit, returns false and changes nothing. */
  resize(bytes: number): boolean;
  /** Frees the slot. Does nothing when called again. */
  release(): void;
}

interface SlotEntry extends Client {
  bytes: number;
  readonly onEvict: () => void;
}

/**
 * Bounds the requests that are processed at once: in total, per TCP peer, and per client behind a peer. When all slots
 * are taken, a peer that has fewer slots than another takes over the newest slot of the peer with the most.
 *
 * Unlike `ByteBudget`, it refuses the newcomer where an eviction would not make the shares more even: each slot stands
 * for CPU time that was spent already.
 */
export class ConcurrencyLimit {
  readonly #entries = new Set<SlotEntry>();

  /**
   * Takes a slot for a request whose body has arrived. Returns undefined if that would exceed a limit. If another peer
   * takes over the slot, frees it and calls `onEvict` once.
   */
  acquire({ peer, forwardedFor }: Client, bytes: number, onEvict: () => void): Slot | undefined {
    const entry: SlotEntry = { peer, forwardedFor, bytes: 0, onEvict };
    if (!this.#makeRoom(entry, { requests: 1, bytes })) return undefined;
    entry.bytes = bytes;
    this.#entries.add(entry);
    return {
      resize: (size) => {
        if (!this.#entries.has(entry)) return false;
        if (size > entry.bytes && !this.#makeRoom(entry, { requests: 0, bytes: size - entry.bytes }))
          return false;
        entry.bytes = size;
        return true;
      },
      release: () => void this.#entries.delete(entry),
    };
  }

  /** Returns whether there is room for more. If needed, evicts slots of peers that hold more than this one would. */
  #makeRoom(entry: SlotEntry, more: Load): boolean {
    const ofPeer = [...this.#entries].filter(({ peer }) => peer === entry.peer);
    const ofClient = ofPeer.filter(({ forwardedFor }) => forwardedFor === entry.forwardedFor);
    if (!fits(ofClient, more, PER_CLIENT) || !fits(ofPeer, more, PER_PEER)) return false;
    while (!fits([...this.#entries], more, TOTAL)) {
      const by = loadOf([...this.#entries]).requests + more.requests > TOTAL.requests ? 'requests' : 'bytes';
      const weightOf = (each: SlotEntry): number => (by === 'requests' ? 1 : each.bytes);
      const most = heaviestGroup(this.#entries, ({ peer }) => peer, weightOf);
      if (loadOf(most)[by] <= loadOf(ofPeer)[by] + more[by]) return false;
      const victim = heaviestGroup(most, ({ forwardedFor }) => forwardedFor, weightOf).findLast(
        ({ bytes }) => by === 'requests' || bytes > 0,
      );
      if (victim === undefined) return false;
      this.#entries.delete(victim);
      victim.onEvict();
    }
    return true;
  }
}

function fits(entries: readonly SlotEntry[], more: Load, limit: Readonly<Load>): boolean {
  const { requests, bytes } = loadOf(entries);
  return requests + more.requests <= limit.requests && bytes + more.bytes <= limit.bytes;
}

function loadOf(entries: readonly SlotEntry[]): Load {
  return { requests: entries.length, bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0) };
}
