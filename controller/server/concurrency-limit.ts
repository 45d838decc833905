import type { Client } from './client.ts';

interface Load {
  requests: number;
  bytes: number;
}

const MIB = 1024 * 1024;

/** How many requests may be in work at once, and how many bytes of them may be in memory. */
const TOTAL: Readonly<Load> = { requests: 32, bytes: 32 * MIB };
const PER_PEER: Readonly<Load> = { requests: 16, bytes: 16 * MIB };
const PER_CLIENT: Readonly<Load> = { requests: 4, bytes: 8 * MIB };

/** The place of one request in work. */
export interface Place {
  /** Changes how many bytes the request holds. Returns false, and changes nothing, where a limit is exceeded. */
  resize(bytes: number): boolean;
  /** Frees the place. Does nothing the second time. */
  leave(): void;
}

interface Taken extends Client {
  bytes: number;
  readonly cut: () => void;
}

/**
 * Bounds the requests in work: in all, for one TCP peer, and for one client behind it. Where all places are taken, a
 * peer that has fewer than another one takes the newest of that one.
 */
export class ConcurrencyLimit {
  readonly #taken = new Set<Taken>();

  /**
   * Takes a place for a request whose body has arrived. Returns undefined where a limit is exceeded. Calls `cut` once
   * where the place has to be given up; it is free then.
   */
  take({ peer, forwardedFor }: Client, bytes: number, cut: () => void): Place | undefined {
    const place: Taken = { peer, forwardedFor, bytes: 0, cut };
    if (!this.#fit(place, { requests: 1, bytes })) return undefined;
    place.bytes = bytes;
    this.#taken.add(place);
    return {
      resize: (size) => {
        if (!this.#taken.has(place)) return false;
        if (size > place.bytes && !this.#fit(place, { requests: 0, bytes: size - place.bytes })) return false;
        place.bytes = size;
        return true;
      },
      leave: () => void this.#taken.delete(place),
    };
  }

  /** Returns whether there is room for more; makes it, where another peer has more than this one would have. */
  #fit(place: Taken, more: Load): boolean {
    const own = [...this.#taken].filter(({ peer }) => peer === place.peer);
    const mine = own.filter(({ forwardedFor }) => forwardedFor === place.forwardedFor);
    if (!fits(mine, more, PER_CLIENT) || !fits(own, more, PER_PEER)) return false;
    while (!fits([...this.#taken], more, TOTAL)) {
      const by = loadOf([...this.#taken]).requests + more.requests > TOTAL.requests ? 'requests' : 'bytes';
      const most = heaviest([...this.#taken], by, ({ peer }) => peer);
      if (loadOf(most)[by] <= loadOf(own)[by] + more[by]) return false;
      const victim = heaviest(most, by, ({ forwardedFor }) => forwardedFor).findLast(
        ({ bytes }) => by === 'requests' || bytes > 0,
      );
      if (victim === undefined) return false;
      this.#taken.delete(victim);
      victim.cut();
    }
    return true;
  }
}

function fits(taken: readonly Taken[], more: Load, limit: Readonly<Load>): boolean {
  const { requests, bytes } = loadOf(taken);
  return requests + more.requests <= limit.requests && bytes + more.bytes <= limit.bytes;
}

function loadOf(taken: readonly Taken[]): Load {
  return { requests: taken.length, bytes: taken.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Returns the places of the group that has the most requests or bytes. */
function heaviest(all: readonly Taken[], by: keyof Load, groupOf: (place: Taken) => string): Taken[] {
  const groups = new Map<string, Taken[]>();
  for (const place of all) {
    const group = groups.get(groupOf(place));
    if (group) group.push(place);
    else groups.set(groupOf(place), [place]);
  }
  return [...groups.values()].reduce<Taken[]>(
    (most, group) => (loadOf(group)[by] > loadOf(most)[by] ? group : most),
    [],
  );
}
