/** A source of time, which tests can replace. */
export interface Clock {
  /** Returns the wall-clock time, which may jump in either direction. For timestamps and certificates only. */
  now(): Date;
  /** Returns the milliseconds since an arbitrary fixed point. Never goes back; use it to measure durations. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds of any size; rejects with the signal's reason when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A signal that never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

/** The reason to pass to `abort` on a hot path. Without one, each call builds a DOMException with a stack. */
export const ABORTED: Error = new Error('aborted');

/** The longest delay of `setTimeout`, in ms (24.8 days). It fires longer ones at once, so that they are split. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The clock of the operating system. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= LONGEST_TIMER) {
      await timer(Math.min(left, LONGEST_TIMER), signal);
    }
    signal.throwIfAborted();
  },
};

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(handle);
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const handle = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * A signal that aborts after a time limit, or when another signal aborts. Unlike `AbortSignal.any` with
 * `AbortSignal.timeout`, it leaves no listener behind once it is cleared: thousands of requests per minute follow the
 * signal that stops the process.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #follow: () => void;
  readonly #timer: NodeJS.Timeout;
  #expired = false;

  /** @param ms the time limit, in ms; more than 24.8 days counts as 24.8 days */
  constructor(ms: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#follow = () => this.#controller.abort(outer?.reason);
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.#controller.abort();
      },
      Math.min(ms, LONGEST_TIMER),
    );
    if (outer?.aborted) this.#follow();
    else outer?.addEventListener('abort', this.#follow, { once: true });
  }

  /** The signal that aborts. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time limit has aborted the signal. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Removes the time limit, but still follows the other signal. */
  lift(): void {
    clearTimeout(this.#timer);
  }

  /** Removes the time limit and stops following the other signal. */
  clear(): void {
    this.lift();
    this.#outer?.removeEventListener('abort', this.#follow);
  }
}
