/** Limits the resources that runs of templates use, and counts what they have used. */
import type { Run } from './function.ts';

/**
 * The limits of a budget. All of them apply to everything on the budget together, except `value` and `depth`. Sizes are
 * in bytes, times in ms.
 */
export interface Limits {
  /** The maximum size of all outputs together. */
  readonly output: number;
  /** The maximum size of one value. */
  readonly value: number;
  /** The maximum size of all parsed templates and of all values that are larger than a few words. */
  readonly allocated: number;
  /** The maximum number of steps; a step is about one iteration of a simple loop. */
  readonly steps: number;
  /** The maximum nesting depth of templates, blocks and parentheses during evaluation. */
  readonly depth: number;
  /** The maximum time of all work other than slow functions. */
  readonly time: number;
  /** The maximum number of calls of slow functions (key generation, bcrypt). */
  readonly costlyCalls: number;
  /** The maximum total time of slow functions. */
  readonly costlyTime: number;
}

const MEBIBYTE = 1 << 20;

/** The limits for the templates of one object. The limit for the output is that of a Secret. */
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

/** The sources of time and random numbers for runs. */
export interface Environment {
  /** Returns the wall-clock time in ms since 1970. */
  now(): number;
  /** Returns the CPU time or monotonic time in ms since an arbitrary fixed point. Never decreases. */
  elapsed(): number;
  /** Returns bytes from a cryptographic source. */
  random(size: number): Uint8Array;
  /** The IANA name of the time zone that Go's `time.Local` refers to. */
  readonly localZone: string;
}

/** Thrown when a run exceeds a limit. `message` names the limit and contains no data. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

/** The memory that a parsed token takes, in bytes: its share of a node, as measured. */
const TOKEN_SIZE = 160;

/** The number of steps between two looks at the clock, which is slower than counting. */
const STEPS_BETWEEN_LOOKS = 256;

/**
 * Counts the resources that runs use, and throws `LimitError` when a limit is exceeded. The templates of one object
 * share a budget, so that a thousand of them cannot take longer than one.
 */
export class Budget implements Run {
  readonly localZone: string;
  readonly #limits: Limits;
  readonly #environment: Environment;
  /** The start of the current run, moved back by the time of earlier runs and forward by that of slow functions. */
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

  /** Executes one run. Returns its result, and whether it was impure. */
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
    // Written so that NaN counts as too large.
    if (!(bytes <= value)) throw new LimitError(`a value is larger than ${showSize(value)}`);
    this.#hold(bytes);
    this.step(1 + (bytes >> 6));
  }

  /** The number of bytes counted so far. */
  get allocated(): number {
    return this.#allocated;
  }

  /** Counts the text that a call receives, in bytes, because the call may read each of them. */
  given(bytes: number): void {
    if (bytes >= 256) this.step(bytes >> 8);
  }

  /**
   * Counts the text that a call returned, in bytes, except for what the call has counted itself. `before` is the value
   * of `allocated` before the call.
   */
  returned(bytes: number, before: number): void {
    const unannounced = bytes - (this.#allocated - before);
    if (bytes >= 64 && unannounced > 0) this.allocate(unannounced);
  }

  /**
   * Counts tokens of a template that is being parsed or that is taken from the cache. Parsing is counted but not timed,
   * so that whether a template can be parsed depends on its text alone.
   */
  tokens(count = 1): void {
    this.#hold(count * TOKEN_SIZE);
    this.#steps += count;
    this.#tokens += count;
    this.#checkSteps();
  }

  /** The number of tokens counted so far. */
  get parsedTokens(): number {
    return this.#tokens;
  }

  /** Counts output, in bytes, before it is kept. The limit applies to all runs together. */
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

  /** Enters a nesting level. `leave` leaves it. */
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
