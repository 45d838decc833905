/** The source of time, injected so that tests can bring their own. */
export interface Clock {
  /** Returns the wall-clock time, which may jump in either direction. For timestamps and certificates only. */
  now(): Date;
  /** Returns the milliseconds since an arbitrary fixed point. Never goes back; use it to measure durations. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds of any size; rejects with the signal's reason when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** For work that nothing cuts off. */
export const NEVER: AbortSignal = new AbortController().signal;

/** `setTimeout` fires at once beyond 2^31-1 ms (24.8 days): longer delays are cut into pieces. */
const LONGEST_TIMER = 2 ** 31 - 1;

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
 * A signal that follows another one and aborts by itself when its time is up. Unlike `AbortSignal.any` with
 * `AbortSignal.timeout` it leaves nothing behind once it is cleared: thousands of requests a minute follow the one
 * signal that ends the process.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #follow: () => void;
  readonly #timer: NodeJS.Timeout;
  #expired = false;

  /** @param ms the time, of any number: one beyond 24.8 days is as good as no limit */
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

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was this deadline that aborted. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Lifts the time limit; the other signal is still followed. */
  lift(): void {
    clearTimeout(this.#timer);
  }

  /** Ends it: what it guarded is over. */
  clear(): void {
    this.lift();
    this.#outer?.removeEventListener('abort', this.#follow);
  }
}
