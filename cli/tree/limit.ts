import { availableParallelism } from 'node:os';
import type { TreeOptions } from '../flags/options.ts';

/**
 * For how many files to work at once by default, for each processor, without a controller: enough that the processors
 * decrypt while other files wait for the disk.
 */
const FILES_PER_PROCESSOR = 8;
const MAX_THREADS = 32;

/** How much to do at once. */
export interface TreeLimit {
  /** For how many files to work. */
  readonly limit: number;
  /** How many private operations to run. */
  readonly copies: number;
}

/**
 * Returns how much to do at once. With a controller, one file after the other by default: requests reach its rate limit
 * anyway. Also sets the number of threads for files and private operations, if none of them has started yet: four, the
 * default of Node, would mostly wait for the disk.
 */
export function treeLimit({ concurrency }: TreeOptions, work: 'offline' | 'controller'): TreeLimit {
  const processors = availableParallelism();
  const limit = concurrency ?? (work === 'offline' ? FILES_PER_PROCESSOR * processors : 1);
  process.env['UV_THREADPOOL_SIZE'] ??= String(Math.min(MAX_THREADS, Math.max(4, limit)));
  return { limit, copies: Math.min(limit, processors) };
}
