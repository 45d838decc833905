/** How functions that templates can call are declared, what they may use, and how they fail. */
import type { Type, Value } from './value.ts';

/** What one run of a template allows, and counts. Every method may throw and so end the run. */
export interface Run {
  /**
   * Counts work: one unit for about one turn of a simple loop. A function whose work grows with its arguments
   * calls it before each piece, so that the time limit is noticed.
   */
  step(count?: number): void;
  /**
   * Announces a value of about so many bytes, before it is made: a string's length, 16 for each element of a
   * list or map. Wherever the result can be larger than all arguments together, the size is worked out first.
   */
  allocate(bytes: number): void;
  /** Runs something slow (key making, bcrypt, scrypt) on the budget kept for such work. */
  costly<T>(work: () => T): T;
  /** Wall-clock time in milliseconds since 1970. Using it makes the run impure. */
  now(): number;
  /** Bytes from a cryptographic source. Using it makes the run impure. */
  random(size: number): Uint8Array;
  /** Notes that the output will differ at the next run, where `now` and `random` do not tell by themselves. */
  markImpure(): void;
  /** The IANA name of the zone that Go's `time.Local` stands for. */
  readonly localZone: string;
}

/**
 * A function with its Go signature. The engine counts and checks the arguments as Go does, in Go's words, before
 * `call` gets them: each is held by its parameter's type. Functions are synchronous.
 */
export interface GoFunction {
  readonly params: readonly Type[];
  /** The element type of the last parameter, where that one is variadic. */
  readonly rest: Type | undefined;
  readonly result: Type;
  /** The output may differ at every run with the same arguments. */
  readonly impure: boolean;
  /**
   * Throws `CallError` for what Go returns as an error or panics with. No value (undefined) is given or answered
   * by built-in functions alone: what `define` declares always has values.
   */
  call(args: readonly (Value | undefined)[], run: Run): Value | undefined;
}

/** By name. A name here hides the built-in function of that name. */
export type Functions = ReadonlyMap<string, GoFunction>;

/**
 * A function failed. `message` is the text of Go's error, or what it panicked with, as bytes (see value.ts); the
 * engine puts place and `error calling NAME: ` before it. It may hold decrypted text: only the engine decides who
 * sees it.
 */
export class CallError extends Error {
  override readonly name = 'CallError';
}

/** Fails a call with Go's error text. */
export function failCall(text: string): never {
  throw new CallError(text);
}

type ValuesOf<P extends readonly Type[]> = {
  -readonly [I in keyof P]: P[I] extends Type<infer T> ? T : never;
};

/**
 * Declares a function of fixed parameters:
 *
 *     define([INT, STRING], STRING, ([count, text], run) => …)
 */
export function define<const P extends readonly Type[], R extends Value>(
  params: P,
  result: Type<R>,
  call: (args: ValuesOf<P>, run: Run) => R,
): GoFunction {
  // The engine has checked every argument against `params`, which TypeScript cannot see.
  return {
    params,
    rest: undefined,
    result,
    impure: false,
    call: (args, run) => call(args as ValuesOf<P>, run),
  };
}

/**
 * Declares a variadic function; its arguments come flat:
 *
 *     defineVariadic([STRING], ANY, STRING, ([format, ...args], run) => …)
 */
export function defineVariadic<const P extends readonly Type[], V extends Value, R extends Value>(
  params: P,
  rest: Type<V>,
  result: Type<R>,
  call: (args: [...ValuesOf<P>, ...V[]], run: Run) => R,
): GoFunction {
  // As above.
  return {
    params,
    rest,
    result,
    impure: false,
    call: (args, run) => call(args as [...ValuesOf<P>, ...V[]], run),
  };
}

/** The same function, declared impure: random, time, key making, salted. */
export function impure(declared: GoFunction): GoFunction {
  return { ...declared, impure: true };
}
