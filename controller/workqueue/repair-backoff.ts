import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { Backoff } from './backoff.ts';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 5 * 60_000;
/** A Secret that was left alone for so long is repaired at once again. */
const RESET_AFTER = 2 * LONGEST_PAUSE;
/** So many repairs without such a rest are no slip of a hand: somebody else wants the Secret otherwise. */
const CONFLICT_AFTER = 3;

interface Repairs {
  readonly backoff: Backoff;
  readonly count: number;
  /** Whether the fight is still to be reported. */
  news: boolean;
  readonly last: number;
  /** When the next repair may come. */
  readonly next: number;
}

/** Pauses between repairs of a Secret, which grow while others keep changing it: two controllers must not fight. */
export class RepairBackoff {
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
    const again = before !== undefined && now - before.last < RESET_AFTER;
    const backoff = again ? before.backoff : new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    const count = again ? before.count + 1 : 1;
    const news = count === CONFLICT_AFTER || (again && before.news);
    const next = Math.ceil(now + backoff.next());
    this.#repairs.set(showRef(ref), { backoff, count, news, last: now, next });
  }

  /** Returns true once for each fight: when there were so many repairs that it is worth an event. */
  takeConflict(ref: Ref): boolean {
    const repairs = this.#repairs.get(showRef(ref));
    if (!repairs?.news) return false;
    repairs.news = false;
    return true;
  }

  forget(ref: Ref): void {
    this.#repairs.delete(showRef(ref));
  }
}
