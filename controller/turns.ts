import { showRef, type Ref } from '../shared/cluster/api.ts';
import { FairLane } from './fair-lane.ts';

/**
 * A few places that many want for pieces of work, such as the cores for private operations. Namespaces take turns for
 * them, and in each of them its objects do: however many pieces one asks for, every other has its own done in between.
 */
export class Turns {
  readonly #places: number;
  /** Who waits. */
  readonly #lane = new FairLane();
  /** For each of those, what gives a place to its pieces, the first one first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** Does a piece of work of someone's as soon as it is its turn. */
  async take<T>(who: Ref, work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#places) this.#taken++;
    else await this.#place(who);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #place(who: Ref): Promise<void> {
    const key = showRef(who);
    return new Promise((resolve) => {
      const pieces = this.#waiting.get(key) ?? [];
      pieces.push(resolve);
      this.#waiting.set(key, pieces);
      this.#lane.add(who);
    });
  }

  /** Hands a place that is free again to the next one. */
  #pass(): void {
    const who = this.#lane.take(() => true);
    if (who === undefined) {
      this.#taken--;
      return;
    }
    const key = showRef(who);
    const [next, ...others] = this.#waiting.get(key) ?? [];
    if (others.length === 0) {
      this.#waiting.delete(key);
    } else {
      this.#waiting.set(key, others);
      this.#lane.add(who);
    }
    next?.();
  }
}
