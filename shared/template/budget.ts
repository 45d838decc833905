/** What runs of templates may use, and what they have used. */
import type { Run } from './function.ts';

/** The bounds of everything on one budget, except `value` and `depth`. Sizes are in bytes, times in milliseconds. */
export interface Limits {
  /** Of all outputs together. */
  readonly output: number;
  /** Of one value. */
  readonly value: number;
  /** Of all parsed templates, and of all values that are larger than a few words. */
  readonly allocated: number;
  /** Units of work: about one for each turn of a simple loop. */
  readonly steps: number;
  /** How deep evaluation may nest: templates, blocks, parentheses. */
  readonly depth: number;
  /** Of pure work. */
  readonly time: number;
  /** How often slow functions may be called (key making, bcrypt), and how long they may take together. */
  readonly costlyCalls: number;
  readonly costlyTime: number;
}

const MEBIBYTE = 1 << 20;

/** All outputs together are bounded as a Secret itself is. */
export const DEFAULT_LIMITS: Limits = {
  output: MEBIBYTE,
  value: 4 * MEBIBYTE,
  allocated: 64 * MEBIBYTE,
  steps: 2_000_000,
  depth: 1000,
  time: 100,
  costlyCalls: 4,
  costlyTime: 5000,
};

/** What a run gets from outside. */
export interface Environment {
  /** Wall-clock time in milliseconds since 1970. */
  now(): number;
  /** Milliseconds of work since any fixed point: processor time, or a monotonic clock. Never goes back. */
  elapsed(): number;
  /** Bytes from a cryptographic source. */
  random(size: number): Uint8Array;
  /** The IANA name of the zone that Go's `time.Local` stands for. */
  readonly localZone: string;
}

/** A run used more than its bounds allow. `message` says which; no data is in it. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

/** What a token of a template takes once it is parsed, in bytes: its share of a node, as measured. */
const TOKEN_SIZE = 160;

/** Looking at the clock costs more than counting: it is done once in so many steps. */
const STEPS_BETWEEN_LOOKS = 256;

/**
 * Counts what runs use, and ends one at a bound with a `LimitError`. The templates of one object share a budget:
 * a thousand of them may take no longer than one.
 */
export class Budget implements Run {
  readonly localZone: string;
  readonly #limits: Limits;
  readonly #environment: Environment;
  /** When the present run would have begun, had all before been part of it. */
  #started = 0;
  #pureTime = 0;
  #steps = 0;
  #tokens = 0;
  #nextLook = STEPS_BETWEEN_LOOKS;
  #allocated = 0;
  #output = 0;
  #depth = 0;
  #costlyCalls = 0;
  #costlyTime = 0;
  #impure = false;

  constructor(limits: Limits, environment: Environment) {
    this.#limits = limits;
    this.#environment = environment;
    this.localZone = environment.localZone;
  }

  /** Does one run, and says whether it used what differs at every run. */
  during<T>(run: () => T): { readonly result: T; readonly impure: boolean } {
    this.#depth = 0;
    this.#impure = false;
    this.#started = this.#environment.elapsed() - this.#pureTime;
    try {
      return { result: run(), impure: this.#impure };
    } finally {
      this.#pureTime = this.#environment.elapsed() - this.#started;
    }
  }

  step(count = 1): void {
    this.#steps += count;
    if (this.#steps < this.#nextLook) return;
    this.#nextLook = this.#steps + STEPS_BETWEEN_LOOKS;
    const { time } = this.#limits;
    this.#checkSteps();
    if (this.#environment.elapsed() - this.#started > time) {
      throw new LimitError(`took longer than ${time} ms`);
    }
  }

  #checkSteps(): void {
    const { steps } = this.#limits;
    if (this.#steps > steps) throw new LimitError(`more than ${steps} steps`);
  }

  allocate(bytes: number): void {
    const { value } = this.#limits;
    // Not a number counts as too large.
    if (!(bytes <= value)) throw new LimitError(`a value is larger than ${showSize(value)}`);
    this.#hold(bytes);
    this.step(1 + (bytes >> 6));
  }

  /** The bytes that were announced so far. */
  get allocated(): number {
    return this.#allocated;
  }

  /** Announces that a call is given this many bytes of text: it may look at each of them. */
  given(bytes: number): void {
    if (bytes >= 256) this.step(bytes >> 8);
  }

  /** Announces the text that a call returned, as far as the call did not do so since `before`, by `allocated`. */
  returned(bytes: number, before: number): void {
    const unannounced = bytes - (this.#allocated - before);
    if (bytes >= 64 && unannounced > 0) this.allocate(unannounced);
  }

  /**
   * Announces tokens of a template that is being parsed, or was parsed before for another object. They are counted and
   * not timed: whether a template can be parsed depends on its text alone.
   */
  tokens(count = 1): void {
    this.#hold(count * TOKEN_SIZE);
    this.#steps += count;
    this.#tokens += count;
    this.#checkSteps();
  }

  /** The tokens that were announced so far. */
  get parsedTokens(): number {
    return this.#tokens;
  }

  /** Announces output before it is kept: of all runs together there may be so much. */
  output(bytes: number): void {
    const { output } = this.#limits;
    this.#output += bytes;
    if (this.#output > output) throw new LimitError(`output is larger than ${showSize(output)}`);
  }

  #hold(bytes: number): void {
    const { allocated } = this.#limits;
    this.#allocated += bytes;
    if (this.#allocated > allocated) throw new LimitError(`used more than ${showSize(allocated)} of memory`);
  }

  /** Goes one level deeper; `leave` comes back. */
  enter(): void {
    if (this.#depth >= this.#limits.depth) throw new LimitError(`nested deeper than ${this.#limits.depth}`);
    this.#depth++;
    this.step();
  }

  leave(): void {
    this.#depth--;
  }

  costly<T>(work: () => T): T {
    const { costlyCalls, costlyTime } = this.#limits;
    if (this.#costlyCalls >= costlyCalls) {
      throw new LimitError(`more than ${costlyCalls} calls of functions that make keys or hash slowly`);
    }
    this.#costlyCalls++;
    const before = this.#environment.elapsed();
    const result = work();
    const taken = this.#environment.elapsed() - before;
    this.#costlyTime += taken;
    this.#started += taken;
    if (this.#costlyTime > costlyTime) {
      throw new LimitError(`functions that make keys or hash slowly took longer than ${costlyTime} ms`);
    }
    return result;
  }

  now(): number {
    this.#impure = true;
    return this.#environment.now();
  }

  random(size: number): Uint8Array {
    this.#impure = true;
    this.allocate(size);
    return this.#environment.random(size);
  }

  markImpure(): void {
    this.#impure = true;
  }
}

function showSize(bytes: number): string {
  return bytes % MEBIBYTE === 0 ? `${bytes / MEBIBYTE} MiB` : `${bytes} bytes`;
}
