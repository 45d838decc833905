import type { Clock } from '../../shared/clock.ts';

/** What to do while values stay untouched. */
export interface AutoClearOptions {
  readonly clock: Clock;
  /** How long values stay without a touch, in ms. */
  readonly after: number;
  /** How long before that to warn, in ms. */
  readonly warning: number;
  /** Called when the warning is due, and with false when a touch came after it. */
  readonly onWarning: (due: boolean) => void;
  readonly onExpired: () => void;
}

/** Tells when values were left alone for too long. */
export class AutoClear {
  readonly #options: AutoClearOptions;
  #running: AbortController | undefined;
  #touched = { now: 0, elapsed: 0 };
  #warned = false;

  constructor(options: AutoClearOptions) {
    this.#options = options;
  }

  /** Says that somebody uses the page. Starts to wait if values came in, with `start`. */
  touch({ start = false } = {}): void {
    if (this.#running === undefined && !start) return;
    const { clock } = this.#options;
    this.#touched = { now: clock.now().getTime(), elapsed: clock.elapsed() };
    this.#warn(false);
    if (this.#running !== undefined) return;
    this.#running = new AbortController();
    void this.#wait(this.#running.signal);
  }

  /** Looks at the clock now: timers of a hidden page or of a sleeping machine come late. */
  check(): void {
    if (this.#running === undefined) return;
    const { after, warning, onExpired } = this.#options;
    const idle = this.#idle();
    if (idle >= after) {
      this.stop();
      onExpired();
    } else if (idle >= after - warning) {
      this.#warn(true);
    }
  }

  /** Stops to wait, since there are no values. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#warn(false);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { clock, after, warning } = this.#options;
    while (!signal.aborted) {
      const untilWarning = after - warning - this.#idle();
      const pause = untilWarning > 0 ? untilWarning : after - this.#idle();
      try {
        await clock.sleep(Math.max(1, pause), signal);
      } catch {
        return;
      }
      this.check();
    }
  }

  /** The longer of two measures: one clock may be set back, and the other may stand still while the machine sleeps. */
  #idle(): number {
    const { clock } = this.#options;
    return Math.max(clock.now().getTime() - this.#touched.now, clock.elapsed() - this.#touched.elapsed);
  }

  #warn(due: boolean): void {
    if (this.#warned === due) return;
    this.#warned = due;
    this.#options.onWarning(due);
  }
}
