import { showRef, type Ref } from '../../shared/cluster/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { Backoff } from '../backoff.ts';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 5 * 60_000;
/** A Secret that was left alone for so long is repaired at once again. */
const QUIET = 2 * LONGEST_PAUSE;

interface Repairs {
  readonly backoff: Backoff;
  last: number;
  /** When the next repair may come. */
  next: number;
  told: boolean;
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
    return Math.max(0, (repairs?.next ?? 0) - this.#clock.now().getTime());
  }

  /** Notes that a repair was made. */
  repaired(ref: Ref): void {
    const now = this.#clock.now().getTime();
    const before = this.#repairs.get(showRef(ref));
    const backoff =
      before && now - before.last < QUIET ? before.backoff : new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    const told = before?.backoff === backoff && before.told;
    this.#repairs.set(showRef(ref), { backoff, last: now, next: Math.ceil(now + backoff.next()), told });
  }

  /** Whether it is the first time that a repair has to wait, which is worth an event. */
  isNews(ref: Ref): boolean {
    const repairs = this.#repairs.get(showRef(ref));
    if (repairs === undefined || repairs.told) return false;
    repairs.told = true;
    return true;
  }

  forget(ref: Ref): void {
    this.#repairs.delete(showRef(ref));
  }
}
