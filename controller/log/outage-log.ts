import type { Clock } from '../../shared/clock.ts';
import type { Log } from './log.ts';

/** For how long only one failure with a cause is logged in full, in ms. */
const IN_FULL = 10 * 60_000;
/** Least time between two lines that count further failures with a cause, in ms. */
const COUNTED = 60_000;
/** Causes of failures that have no end, such as those of events, that are kept: beyond it the oldest is dropped. */
const MAX_MENTIONED = 100;

interface Outage {
  /** The objects that fail with it now. */
  readonly failing: Set<string>;
  /** When it began, in ms. */
  readonly since: number;
  /** How many objects have failed with it. */
  failed: number;
  /** How many of them no line has counted yet. */
  uncounted: number;
  loggedInFull: number;
  counted: number;
}

/**
 * Logs failures of many objects that have one cause: the first in full, the number of the others at most once a minute,
 * and one line when no object fails with the cause any more. A cause is a text of `outageOf`.
 */
export class OutageLog {
  readonly #log: Log;
  readonly #clock: Clock;
  /** By cause. */
  readonly #outages = new Map<string, Outage>();
  /** By object, the causes it fails with, and whether it has met each since its last settled turn. */
  readonly #causes = new Map<string, Map<string, boolean>>();
  readonly #mentioned = new Map<string, { loggedInFull: number; more: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Notes that an object fails with a cause.
   *
   * @param inFull logs the failure, if it is the one to be logged in full
   */
  failed(cause: string, object: string, inFull: () => void): void {
    const now = this.#clock.elapsed();
    const outage = this.#outages.get(cause) ?? begun(now);
    this.#outages.set(cause, outage);
    const causes = this.#causes.get(object) ?? new Map<string, boolean>();
    this.#causes.set(object, causes.set(cause, true));
    if (!outage.failing.has(object)) {
      outage.failing.add(object);
      outage.failed++;
      if (now - outage.loggedInFull >= IN_FULL) {
        outage.loggedInFull = now;
        inFull();
      } else {
        outage.uncounted++;
      }
    }
    if (outage.uncounted > 0 && now - outage.counted >= COUNTED) {
      const { uncounted, failing } = outage;
      this.#log.warn('more SealedSecrets fail with this cause', {
        cause,
        more: uncounted,
        failing: failing.size,
      });
      outage.uncounted = 0;
      outage.counted = now;
    }
  }

  /** Notes a failure that is not tried again, so that it never ends. Logs it, or counts it for the next line. */
  mentioned(cause: string, inFull: (more: number) => void): void {
    const now = this.#clock.elapsed();
    const before = this.#mentioned.get(cause);
    if (before && now - before.loggedInFull < IN_FULL) {
      before.more++;
      return;
    }
    this.#mentioned.delete(cause);
    this.#mentioned.set(cause, { loggedInFull: now, more: 0 });
    const [oldest] = this.#mentioned.keys();
    if (this.#mentioned.size > MAX_MENTIONED && oldest !== undefined) this.#mentioned.delete(oldest);
    inFull(before?.more ?? 0);
  }

  /** Ends a turn of an object: it no longer fails with the causes that it has not met since its turn before. */
  settled(object: string): void {
    const causes = this.#causes.get(object) ?? new Map<string, boolean>();
    for (const [cause, met] of causes) {
      if (met) causes.set(cause, false);
      else this.#leave(cause, object, causes);
    }
  }

  /** Notes that an object is as it should be, or is gone. */
  ended(object: string): void {
    const causes = this.#causes.get(object) ?? new Map<string, boolean>();
    for (const cause of [...causes.keys()]) this.#leave(cause, object, causes);
  }

  #leave(cause: string, object: string, causes: Map<string, boolean>): void {
    causes.delete(cause);
    if (causes.size === 0) this.#causes.delete(object);
    const outage = this.#outages.get(cause);
    outage?.failing.delete(object);
    if (outage?.failing.size !== 0) return;
    this.#outages.delete(cause);
    // The one that was logged says by itself that it is unsealed.
    if (outage.failed === 1) return;
    const seconds = Math.round((this.#clock.elapsed() - outage.since) / 1000);
    this.#log.info('no SealedSecret fails with this cause any more', {
      cause,
      failed: outage.failed,
      seconds,
    });
  }
}

function begun(now: number): Outage {
  return {
    failing: new Set(),
    since: now,
    failed: 0,
    uncounted: 0,
    loggedInFull: Number.NEGATIVE_INFINITY,
    counted: now,
  };
}
