import { NEVER } from '../../shared/clock.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { FairLane } from './fair-lane.ts';

/**
 * A few places that many want for pieces of work, such as the cores for private operations. Namespaces take turns for
 * them, and in each of them its objects do: however many pieces one asks for, every other has its own done in between.
 */
export class FairSemaphore {
  readonly #places: number;
  /** Who waits. */
  readonly #lane = new FairLane();
  /** For each of those, what gives a place to its pieces, the first one first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Does a piece of work as soon as it is its turn. Rejects at once when the signal aborts while the piece waits: the
   * queue keeps nothing of it, such as the body of a request, whose memory counts no more.
   */
  async run<T>(who: Ref, work: () => Promise<T>, signal: AbortSignal = NEVER): Promise<T> {
    signal.throwIfAborted();
    if (this.#taken < this.#places) this.#taken++;
    else await this.#place(who, signal);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #place(who: Ref, signal: AbortSignal): Promise<void> {
    const key = showRef(who);
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#remove(who, start);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', leave, { once: true });
      const pieces = this.#waiting.get(key) ?? [];
      pieces.push(start);
      this.#waiting.set(key, pieces);
      this.#lane.add(who);
    });
  }

  #remove(who: Ref, piece: () => void): void {
    const key = showRef(who);
    const others = (this.#waiting.get(key) ?? []).filter((each) => each !== piece);
    if (others.length > 0) {
      this.#waiting.set(key, others);
    } else {
      this.#waiting.delete(key);
      this.#lane.delete(who);
    }
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
