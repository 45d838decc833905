import type { Clock } from '../../shared/clock.ts';
import type { Log } from './log.ts';

/** Least time between two failures with the same cause that are logged in full, in ms. */
const FULL_LOG_INTERVAL = 10 * 60_000;
/** Least time between two lines that count further failures with the same cause, in ms. */
const COUNT_INTERVAL = 60_000;
/** Most causes kept for failures that are not retried, such as those of events. Beyond it the oldest is dropped. */
const MAX_CAUSES = 100;

interface Outage {
  /** The objects that currently fail with the cause. */
  readonly failing: Set<string>;
  /** When the first of them failed, in ms of `Clock.elapsed()`. */
  readonly since: number;
  /** How many objects have failed since. */
  failed: number;
  /** How many of them no line has reported yet. */
  uncounted: number;
  /** When a failure was last logged in full, in ms. */
  loggedInFull: number;
  /** When a line last counted failures, in ms. */
  counted: number;
}

/**
 * Logs failures of many objects with the same cause: the first in full, the number of others at most once a minute, and
 * one line when no object fails with the cause any more. A cause is a text that `outageOf` returns.
 */
export class OutageLog {
  readonly #log: Log;
  readonly #clock: Clock;
  /** By cause. */
  readonly #outages = new Map<string, Outage>();
  /** By object: the causes it fails with, and whether each has occurred since its last finished reconcile. */
  readonly #causes = new Map<string, Map<string, boolean>>();
  readonly #failedOnce = new Map<string, { loggedInFull: number; more: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Records that an object fails with a cause.
   *
   * @param logInFull logs the failure; called if this failure is the one to log in full
   */
  failed(cause: string, object: string, logInFull: () => void): void {
    const now = this.#clock.elapsed();
    const outage = this.#outages.get(cause) ?? newOutage(now);
    this.#outages.set(cause, outage);
    const causes = this.#causes.get(object) ?? new Map<string, boolean>();
    this.#causes.set(object, causes.set(cause, true));
    if (!outage.failing.has(object)) {
      outage.failing.add(object);
      outage.failed++;
      if (now - outage.loggedInFull >= FULL_LOG_INTERVAL) {
        outage.loggedInFull = now;
        logInFull();
      } else {
        outage.uncounted++;
      }
    }
    if (outage.uncounted > 0 && now - outage.counted >= COUNT_INTERVAL) {
      const { uncounted, failing } = outage;
      this.#log.warn('more SealedSecrets fail with the same cause', {
        cause,
        more: uncounted,
        failing: failing.size,
      });
      outage.uncounted = 0;
      outage.counted = now;
    }
  }

  /**
   * Records a failure that is not retried, so that its end is not observed. Logs it, or counts it for the next line.
   *
   * @param logInFull logs the failure, with the number of failures since the last line
   */
  failedOnce(cause: string, logInFull: (more: number) => void): void {
    const now = this.#clock.elapsed();
    const before = this.#failedOnce.get(cause);
    if (before && now - before.loggedInFull < FULL_LOG_INTERVAL) {
      before.more++;
      return;
    }
    this.#failedOnce.delete(cause);
    this.#failedOnce.set(cause, { loggedInFull: now, more: 0 });
    const [oldest] = this.#failedOnce.keys();
    if (this.#failedOnce.size > MAX_CAUSES && oldest !== undefined) this.#failedOnce.delete(oldest);
    logInFull(before?.more ?? 0);
  }

  /**
   * Records that a reconcile of an object has finished. The object no longer fails with causes that have not occurred since
   * the reconcile before.
   */
  settled(object: string): void {
    const causes = this.#causes.get(object) ?? new Map<string, boolean>();
    for (const [cause, occurred] of causes) {
      if (occurred) causes.set(cause, false);
      else this.#removeObject(cause, object, causes);
    }
  }

  /** Records that an object is synced or gone, so that it fails with no cause. */
  ended(object: string): void {
    const causes = this.#causes.get(object) ?? new Map<string, boolean>();
    for (const cause of [...causes.keys()]) this.#removeObject(cause, object, causes);
  }

  #removeObject(cause: string, object: string, causes: Map<string, boolean>): void {
    causes.delete(cause);
    if (causes.size === 0) this.#causes.delete(object);
    const outage = this.#outages.get(cause);
    outage?.failing.delete(object);
    if (outage?.failing.size !== 0) return;
    this.#outages.delete(cause);
    // The only object that failed was logged in full, and logs its own recovery.
    if (outage.failed === 1) return;
    const seconds = Math.round((this.#clock.elapsed() - outage.since) / 1000);
    this.#log.info('outage over: no SealedSecret fails with this cause', {
      cause,
      failed: outage.failed,
      seconds,
    });
  }
}

function newOutage(now: number): Outage {
  return {
    failing: new Set(),
    since: now,
    failed: 0,
    uncounted: 0,
    loggedInFull: Number.NEGATIVE_INFINITY,
    counted: now,
  };
}
