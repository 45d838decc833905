import { Tally } from '../tally.ts';
import type { Client } from './rate-limit.ts';

/** How many requests may be under way at once: of all, of one TCP peer, and of one client behind it. */
const MOST = 32;
const MOST_OF_ONE_PEER = 16;
const MOST_OF_ONE_CLIENT = 4;

/** The places of requests whose bodies are kept in memory. */
export class Places {
  readonly #taken = new Tally();

  /** Takes a place and gives the function that leaves it; undefined where there is none. */
  take({ peer, forwardedFor }: Client): (() => void) | undefined {
    const bounds: [string, number][] = [
      ['', MOST],
      [peer, MOST_OF_ONE_PEER],
      [`${peer} ${forwardedFor}`, MOST_OF_ONE_CLIENT],
    ];
    if (bounds.some(([who, most]) => this.#taken.of(who) >= most)) return undefined;
    for (const [who] of bounds) this.#taken.add(who, 1);
    return () => {
      for (const [who] of bounds) this.#taken.add(who, -1);
    };
  }
}
