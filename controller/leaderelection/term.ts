/** The bytes that a `SharedTerm` needs: a time and a number. */
const SIZE = 16;
const UNTIL = 0;
const NUMBER = 1;
/** A time that never comes. */
const FOREVER = 2n ** 62n;

/** A term in the view of another thread. */
export interface TermReading {
  /** For how long the controller may still write, in ms; not positive if it may not. */
  readonly remaining: number;
  /** The number of the term, which tells it from earlier ones. */
  readonly number: number;
}

/**
 * The moment until which the controller may write, shared between the thread that renews the Lease and the one that
 * writes. Neither has to wait for a message of the other.
 *
 * The moment is one of `process.hrtime`, which is the same clock in all threads, does not step, and goes on while the
 * process is stopped. `performance.now` starts at another time in each thread.
 */
export class SharedTerm {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: BigInt64Array;
  readonly #now: () => bigint;

  /** @param now returns the time in ns; replaced in tests */
  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(SIZE),
    now: () => bigint = process.hrtime.bigint.bind(process.hrtime),
  ) {
    this.buffer = buffer;
    this.#cells = new BigInt64Array(buffer);
    this.#now = now;
  }

  /** Starts a term that ends at a time in ms, or never. */
  begin(number: number, until: number): void {
    // In this order: who reads the new time also reads the new number.
    Atomics.store(this.#cells, NUMBER, BigInt(number));
    this.extend(until);
  }

  /** Moves the end of the term. */
  extend(until: number): void {
    const time = until === Number.POSITIVE_INFINITY ? FOREVER : BigInt(Math.floor(until * 1e6));
    Atomics.store(this.#cells, UNTIL, time);
  }

  /** Ends the term. */
  end(): void {
    Atomics.store(this.#cells, UNTIL, 0n);
  }

  /** Returns the current term. */
  read(): TermReading {
    const until = Atomics.load(this.#cells, UNTIL);
    const number = Number(Atomics.load(this.#cells, NUMBER));
    if (until === FOREVER) return { remaining: Number.POSITIVE_INFINITY, number };
    return { remaining: Number(until - this.#now()) / 1e6, number };
  }
}
