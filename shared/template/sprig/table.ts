import { CallError, type GoFunction } from '../function.ts';

/** A family of functions, by name. */
export type FunctionTable = Readonly<Record<string, GoFunction>>;

/** The result of an attempt, or something else where Go would return an error and Sprig drops it. */
export function orElse<T>(attempt: () => T, otherwise: T): T {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof CallError) return otherwise;
    throw error;
  }
}
