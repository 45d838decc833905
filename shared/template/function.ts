/** Declares functions that templates can call: their signature, the run that they work for, and their errors. */
import type { Type, Value } from './value.ts';

/** The resources that a function may use during a run. Any method may throw an error, which ends the run. */
export interface Run {
  /**
   * Counts work, where one step is about one iteration of a simple loop. A function whose work grows with its
   * arguments must call this before each part of its work, so that the time limit takes effect.
   */
  step(count?: number): void;
  /**
   * Counts the memory of a value in bytes, before the value is created: the length of a string, 16 for each element of
   * a list or map. Required if the result can be larger than all arguments together.
   */
  allocate(bytes: number): void;
  /** Runs slow work (key generation, bcrypt, scrypt) on the separate budget for such work. */
  costly<T>(work: () => T): T;
  /** Returns the wall-clock time in ms since 1970. Marks the run as impure. */
  now(): number;
  /** Returns bytes from a cryptographic source. Marks the run as impure. */
  random(size: number): Uint8Array;
  /** Marks the run as impure: its output may differ on the next run. `now` and `random` do this themselves. */
  markImpure(): void;
  /** The IANA name of the time zone that Go's `time.Local` refers to. */
  readonly localZone: string;
}

/**
 * A synchronous function with its Go signature. Before the engine calls `call`, it checks the number and types of the
 * arguments, with Go's error messages. Each argument is then a value of its parameter's type.
 */
export interface GoFunction {
  readonly params: readonly Type[];
  /** The element type of the variadic last parameter, if there is one. */
  readonly rest: Type | undefined;
  readonly result: Type;
  /** Whether the result may differ between calls with the same arguments. */
  readonly impure: boolean;
  /**
   * Calls the function. Throws `CallError` where Go returns an error or panics. Only built-in functions accept or
   * return undefined (no value); functions declared with `define` never do.
   */
  call(args: readonly (Value | undefined)[], run: Run): Value | undefined;
}

/** Functions by name. A function hides the built-in function of the same name. */
export type Functions = ReadonlyMap<string, GoFunction>;

/**
 * The failure of a function. `message` is the text of Go's error or panic, as bytes (see value.ts). The engine prefixes
 * it with the place and `error calling NAME: `. The message may contain decrypted data; only the engine decides who can
 * see it.
 */
export class CallError extends Error {
  override readonly name = 'CallError';
}

/** Throws a `CallError` with Go's error text. */
export function failCall(text: string): never {
  throw new CallError(text);
}

type ValuesOf<P extends readonly Type[]> = {
  -readonly [I in keyof P]: P[I] extends Type<infer T> ? T : never;
};

/**
 * Declares a function with a fixed number of parameters:
 *
 *     define([INT, STRING], STRING, ([count, text], run) => …)
 */
export function define<const P extends readonly Type[], R extends Value>(
  params: P,
  result: Type<R>,
  call: (args: ValuesOf<P>, run: Run) => R,
): GoFunction {
  // The cast is safe: the engine checks every argument against `params`.
  return {
    params,
    rest: undefined,
    result,
    impure: false,
    call: (args, run) => call(args as ValuesOf<P>, run),
  };
}

/**
 * Declares a variadic function. As in Go, the last parameter is the variadic one. `call` receives all arguments in one
 * flat list:
 *
 *     defineVariadic([STRING, ANY], STRING, ([format, ...args], run) => …)
 */
export function defineVariadic<const P extends readonly Type[], V extends Value, R extends Value>(
  params: readonly [...fixed: P, rest: Type<V>],
  result: Type<R>,
  call: (args: [...ValuesOf<P>, ...V[]], run: Run) => R,
): GoFunction {
  // The cast is safe for the same reason as in `define`.
  return {
    params: params.slice(0, -1),
    rest: params.at(-1),
    result,
    impure: false,
    call: (args, run) => call(args as [...ValuesOf<P>, ...V[]], run),
  };
}

/** Returns a copy of the function that is declared impure, because it uses random numbers, time, new keys or salts. */
export function impure(declared: GoFunction): GoFunction {
  return { ...declared, impure: true };
}
