import { ABORTED, NEVER, type Clock } from '../../shared/clock.ts';

/** Options of `AdaptiveLimit`. */
export interface AdaptiveLimitOptions {
  readonly clock: Clock;
  /** The most requests at once, with which it starts; at least 1. */
  readonly most: number;
  /** Returns a number from 0 to 1, by which a pause is longer than asked for. */
  readonly jitter?: () => number;
}

/** By how much an answer raises the limit: 50 answers allow one more request at once. A refusal costs a pause. */
const GROWTH = 1 / 50;
/** The largest part of a pause that is added to it, so that clients do not return at the same moment. */
const JITTER = 0.25;

interface Waiter {
  readonly admit: () => void;
}

/**
 * Limits the requests to a server to what the server takes. When the server asks for a pause, all requests wait, and
 * half as many may run at once from then on. Each other answer raises that number a little. Requests start in the order
 * in which they came.
 */
export class AdaptiveLimit {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #jitter: () => number;
  /** How many requests may run at once; a fraction is not used yet. */
  #limit: number;
  #running = 0;
  /** How often the limit was halved. */
  #halvings = 0;
  /** When the pause ends, in ms of the clock. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<Waiter>();
  /** Ends the sleep until the pause ends; undefined if nobody sleeps. */
  #sleep: AbortController | undefined;

  constructor({ clock, most, jitter = Math.random }: AdaptiveLimitOptions) {
    this.#clock = clock;
    this.#most = Math.max(1, most);
    this.#jitter = jitter;
    this.#limit = this.#most;
  }

  /** How many requests may run at once. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** How long the pause still lasts, in ms; 0 if there is none. */
  get pause(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.elapsed());
  }

  /**
   * Waits until a request may run, and runs it. Rejects as `send` does, or if the signal aborts while it waits.
   *
   * @param pauseAfter returns for how long the server asks not to send anything, in ms; undefined: it does not ask
   */
  async run<T>(
    send: () => Promise<T>,
    pauseAfter: (answer: T) => number | undefined,
    signal: AbortSignal = NEVER,
  ): Promise<T> {
    await this.#enter(signal);
    const halvings = this.#halvings;
    try {
      const answer = await send();
      const pause = pauseAfter(answer);
      if (pause === undefined) this.#limit = Math.min(this.#most, this.#limit + GROWTH);
      else this.#refused(pause, halvings);
      return answer;
    } finally {
      this.#running--;
      this.#admit();
    }
  }

  /** @param halvings how often the limit had been halved when the request was sent: once is enough for all of them */
  #refused(pause: number, halvings: number): void {
    const until = this.#clock.elapsed() + pause * (1 + this.#jitter() * JITTER);
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    if (halvings !== this.#halvings) return;
    this.#halvings++;
    this.#limit = Math.max(1, this.#limit / 2);
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiter);
        if (this.#waiting.size === 0) this.#wake();
        reject(signal.reason instanceof Error ? signal.reason : ABORTED);
      };
      const admit = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const waiter = { admit };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#admit();
    });
  }

  /** Lets as many requests run as may, or sleeps until the pause ends. */
  #admit(): void {
    if (this.pause > 0) return this.#sleepIfNeeded();
    for (const waiter of this.#waiting) {
      if (this.#running >= this.limit) return;
      this.#waiting.delete(waiter);
      this.#running++;
      waiter.admit();
    }
  }

  #sleepIfNeeded(): void {
    if (this.#waiting.size === 0 || this.#sleep !== undefined) return;
    const sleep = (this.#sleep = new AbortController());
    const awake = (): void => {
      this.#sleep = undefined;
      this.#admit();
    };
    // A sleep that is ended has nobody to wake.
    this.#clock.sleep(this.pause, sleep.signal).then(awake, () => undefined);
  }

  /** Ends the sleep, which would keep the process running. */
  #wake(): void {
    this.#sleep?.abort(ABORTED);
    this.#sleep = undefined;
  }
}
