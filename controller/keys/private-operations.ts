import { availableParallelism } from 'node:os';

/** How many threads Node has for cryptography, files and names by default. */
const THREADS = 4;

/**
 * Returns how many private operations run at once: two for each core, and at most as many as Node has threads for them.
 * With one for each core, a core is idle until the main thread has time to start the next one. Other uses of the threads,
 * such as reading files, then wait for one operation and not for all that are queued.
 */
export function privateOperationsOn(cores: number): number {
  return Math.min(2 * cores, THREADS);
}

/** How many private operations run at once on this machine. Each key is imported as often: Node locks a key in use. */
export const PRIVATE_OPERATIONS = privateOperationsOn(availableParallelism());
