import type { Clock } from '../../shared/clock.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

const HOUR = 3_600_000;

/** Steps of the wall clock, in ms. None of them may affect anything that is measured in durations. */
export const STEPS = {
  '-1 min': -60_000,
  '-1 h': -HOUR,
  '-1 d': -24 * HOUR,
  '+10 y': 3653 * 24 * HOUR,
} as const;

/** A clock that stands still until a test advances it. */
export class FakeClock implements Clock {
  #now: number;
  /** The offset of the wall clock, in ms. */
  #step = 0;
  #sleepers: Sleeper[] = [];
  #onSleep: (() => void)[] = [];

  constructor(now = '2026-01-01T00:00:00Z') {
    this.#now = Date.parse(now);
  }

  now(): Date {
    return new Date(this.#now + this.#step);
  }

  elapsed(): number {
    return this.#now;
  }

  /** Steps the wall clock by `ms`, as an administrator or NTP does. No time passes. */
  stepWallClock(ms: number): void {
    this.#step += ms;
  }

  /** The clock of another machine, which never steps. */
  get unstepped(): Clock {
    return {
      now: () => new Date(this.#now),
      elapsed: () => this.elapsed(),
      sleep: (ms, signal) => this.sleep(ms, signal),
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const sleeper = { due: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      for (const notify of this.#onSleep.splice(0)) notify();
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(new Error('aborted'));
      });
    });
  }

  /** Resolves once anything sleeps on this clock. */
  async sleeping(): Promise<void> {
    while (this.#sleepers.length === 0) await new Promise<void>((resolve) => this.#onSleep.push(resolve));
  }

  /** The remaining time of each sleeper, in ms, in ascending order. */
  get waiting(): number[] {
    return this.#sleepers.map(({ due }) => due - this.#now).sort((a, b) => a - b);
  }

  /** Advances the time, and wakes the sleepers that become due. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.due <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.due > this.#now);
    for (const { wake } of due) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
