import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { Backoff } from './backoff.ts';

/** Upper bound of the first pause, in ms. */
const FIRST_PAUSE = 1_000;
/** Upper bound of every pause, in ms. */
const LONGEST_PAUSE = 5 * 60_000;
/** Time without a repair after which the next repair counts as the first, in ms. */
const RESET_AFTER = 2 * LONGEST_PAUSE;
/** Repairs in a row after which another writer is assumed to compete for the Secret. */
const CONFLICT_AFTER = 3;

interface Repairs {
  readonly backoff: Backoff;
  readonly count: number;
  /** Whether there is a conflict that `takeConflict` has not returned yet. */
  unreportedConflict: boolean;
  /** When the last repair was made, in ms of the clock. */
  readonly last: number;
  /** When the next repair may be made, in ms of the clock. */
  readonly next: number;
}

/**
 * Growing pauses between repairs of a Secret that others keep changing, so that two controllers do not overwrite each
 * other's changes in a loop.
 */
export class RepairBackoff {
  readonly #clock: Clock;
  readonly #repairs = new Map<string, Repairs>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns how long to wait before the next repair, in ms. */
  pause(ref: Ref): number {
    const repairs = this.#repairs.get(showRef(ref));
    return Math.max(0, (repairs?.next ?? 0) - this.#clock.elapsed());
  }

  /** Records that a Secret was repaired. */
  repaired(ref: Ref): void {
    const now = this.#clock.elapsed();
    const before = this.#repairs.get(showRef(ref));
    const continues = before !== undefined && now - before.last < RESET_AFTER;
    const backoff = continues ? before.backoff : new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    const count = continues ? before.count + 1 : 1;
    const unreportedConflict = count === CONFLICT_AFTER || (continues && before.unreportedConflict);
    const next = Math.ceil(now + backoff.next());
    this.#repairs.set(showRef(ref), { backoff, count, unreportedConflict, last: now, next });
  }

  /** Returns whether the repairs show a conflict with another writer. Returns true once for each conflict. */
  takeConflict(ref: Ref): boolean {
    const repairs = this.#repairs.get(showRef(ref));
    if (!repairs?.unreportedConflict) return false;
    repairs.unreportedConflict = false;
    return true;
  }

  /** Forgets the repairs of a Secret. */
  forget(ref: Ref): void {
    this.#repairs.delete(showRef(ref));
  }
}
