/** A source of time, which tests can replace. */
export interface Clock {
  /** Returns the wall-clock time, which may jump in either direction. For timestamps and certificates only. */
  now(): Date;
  /** Returns the milliseconds since an arbitrary fixed point. Never goes back; use it to measure durations. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds of any size; rejects with the signal's reason when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Formats a time as the API server does: `2026-01-01T00:00:00Z`, without a fraction of a second. */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
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
 * A time limit that also ends when a signal aborts. Unlike `AbortSignal.any` with `AbortSignal.timeout`, it leaves no
 * listener behind once it is cleared: thousands of requests per minute follow the signal that stops the process.
 */
export class Deadline {
  readonly #outer: AbortSignal | undefined;
  readonly #follow = (): void => this.#end(this.#outer?.reason);
  readonly #timer: ReturnType<typeof setTimeout>;
  #controller: AbortController | undefined;
  #callbacks: (() => void)[] = [];
  #ended = false;
  #reason: unknown;
  #expired = false;

  /** @param ms the time limit, in ms; more than 24.8 days counts as 24.8 days */
  constructor(ms: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.#end();
      },
      Math.min(ms, LONGEST_TIMER),
    );
    if (outer?.aborted) this.#follow();
    else outer?.addEventListener('abort', this.#follow, { once: true });
  }

  /** A signal that aborts when the deadline ends. `onEnd` costs less. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ended) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Whether the time limit has been reached. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Calls back when the deadline ends: at once if it has ended, and never if it is cleared before. */
  onEnd(callback: () => void): void {
    if (this.#ended) callback();
    else this.#callbacks.push(callback);
  }

  /** Removes the time limit, but still follows the other signal. */
  lift(): void {
    clearTimeout(this.#timer);
  }

  /** Removes the time limit and stops following the other signal. */
  clear(): void {
    this.lift();
    this.#outer?.removeEventListener('abort', this.#follow);
    this.#callbacks = [];
  }

  #end(reason?: unknown): void {
    this.#ended = true;
    this.#reason = reason;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    this.#controller?.abort(reason);
    for (const callback of callbacks) callback();
  }
}
