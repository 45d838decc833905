import { setMaxListeners } from 'node:events';
import { ABORTED, type Clock } from '../../shared/clock.ts';
import type { WriteGuard } from '../../shared/kubernetes/http/write-guard.ts';
import type { SharedTerm } from './term.ts';

/** A term in which this controller is the leader. */
interface Term {
  readonly number: number;
  /** Aborts when the term ends. */
  readonly lost: AbortController;
}

/** The signals of work that only the leader does. */
export interface LeaderSignals {
  /** Aborts when the term ends. Nothing can be written then. */
  readonly lost: AbortSignal;
  /** Aborts when the term ends or the controller stops. */
  readonly stop: AbortSignal;
}

/** Called when this controller has become the leader, or is it no longer. */
type LeadershipListener = (isLeader: boolean) => void;

/**
 * Whether this controller is the leader, in the view of the main thread. Runs the work of the leader, and guards its
 * writes.
 *
 * A term ends here as soon as anything finds that it has expired, before any message says so. All work of the term is
 * aborted then, so that it ends without an outcome: nothing is logged, counted or reported about it.
 */
export class Leadership implements WriteGuard {
  readonly #shared: SharedTerm;
  readonly #clock: Clock;
  readonly #onExpired: (term: number) => void;
  readonly #listeners: LeadershipListener[] = [];
  #term: Term | undefined;
  #terms = 0;
  #wakeups: (() => void)[] = [];

  /** @param onExpired called with the number of a term that has expired without a message */
  constructor(shared: SharedTerm, clock: Clock, onExpired: (term: number) => void = () => undefined) {
    this.#shared = shared;
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Whether this controller is the leader now. */
  get isLeader(): boolean {
    return this.remaining() > 0;
  }

  /** How many times this controller has become the leader. */
  get terms(): number {
    return this.#terms;
  }

  /** Calls back after each change. */
  onChange(listener: LeadershipListener): void {
    this.#listeners.push(listener);
  }

  /** Returns for how long the controller may still write, in ms; 0 if it must not. Ends a term that has expired. */
  remaining(): number {
    if (this.#term === undefined) return 0;
    const { remaining, number } = this.#shared.read();
    if (number === this.#term.number && remaining > 0) return remaining;
    this.#onExpired(this.#term.number);
    this.#end();
    return 0;
  }

  /** Starts a term. */
  begun(number: number): void {
    this.#end();
    const lost = new AbortController();
    // Each reconcile and request listens to it.
    setMaxListeners(0, lost.signal);
    this.#term = { number, lost };
    if (!this.isLeader) return;
    this.#terms++;
    for (const notify of this.#listeners) notify(true);
    for (const wake of this.#wakeups.splice(0)) wake();
  }

  /** Ends a term. */
  ended(number: number): void {
    if (this.#term?.number === number) this.#end();
  }

  /** Runs work in each term, one after the other, until the signal aborts. */
  async whileLeading(work: (signals: LeaderSignals) => Promise<unknown>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.isLeader || this.#term === undefined) {
        await this.#change(signal);
        continue;
      }
      const lost = this.#term.lost.signal;
      const stop = AbortSignal.any([lost, signal]);
      setMaxListeners(0, stop);
      await work({ lost, stop });
      // Work that ends early waits for the next term.
      if (!stop.aborted) await this.#change(stop);
    }
  }

  /** Ends expired terms on time, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.whileLeading(async ({ stop }) => {
      for (let left = this.remaining(); left > 0 && !stop.aborted; left = this.remaining()) {
        await this.#clock.sleep(left, stop).catch(() => undefined);
      }
    }, signal);
  }

  #end(): void {
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    term.lost.abort(ABORTED);
    for (const notify of this.#listeners) notify(false);
  }

  /** Resolves at the beginning of the next term, or when the signal aborts. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakeups.push(wake);
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake, { once: true });
    });
  }
}
