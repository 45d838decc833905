import { CallError, type GoFunction } from '../function.ts';

/** A group of functions by name. */
export type FunctionTable = Readonly<Record<string, GoFunction>>;

/** Returns the result of an attempt, or `otherwise` where Go returns an error that Sprig ignores. */
export function orElse<T>(attempt: () => T, otherwise: T): T {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof CallError) return otherwise;
    throw error;
  }
}
