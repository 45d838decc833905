import { showRef, type Ref } from '../../shared/cluster/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { Backoff } from '../backoff.ts';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 5 * 60_000;
/** A Secret that was left alone for so long is repaired at once again. */
const QUIET = 2 * LONGEST_PAUSE;
/** So many repairs without such a rest are no slip of a hand: somebody else wants the Secret otherwise. */
const MANY = 3;

interface Repairs {
  readonly backoff: Backoff;
  readonly count: number;
  readonly last: number;
  /** When the next repair may come. */
  readonly next: number;
}

/** Whoever changes a Secret again and again is answered with growing pauses: two controllers must not fight. */
export class Drift {
  readonly #clock: Clock;
  readonly #repairs = new Map<string, Repairs>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next repair has to wait, in milliseconds. */
  pause(ref: Ref): number {
    const repairs = this.#repairs.get(showRef(ref));
    return Math.max(0, (repairs?.next ?? 0) - this.#clock.elapsed());
  }

  /** Notes that a repair was made. */
  repaired(ref: Ref): void {
    const now = this.#clock.elapsed();
    const before = this.#repairs.get(showRef(ref));
    const again = before !== undefined && now - before.last < QUIET;
    const backoff = again ? before.backoff : new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    const count = again ? before.count + 1 : 1;
    this.#repairs.set(showRef(ref), { backoff, count, last: now, next: Math.ceil(now + backoff.next()) });
  }

  /** Whether the last repair is the one that shows a fight, which is worth an event. */
  isNews(ref: Ref): boolean {
    return this.#repairs.get(showRef(ref))?.count === MANY;
  }

  forget(ref: Ref): void {
    this.#repairs.delete(showRef(ref));
  }
}
