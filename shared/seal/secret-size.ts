/** How much data fits into a Secret. */
import type { Failure } from '../errors.ts';

/**
 * The most bytes of data that one Secret holds, all values together: `MaxSecretSize` of the Kubernetes API. The API
 * server refuses a larger one, each time.
 */
export const MAX_SECRET_SIZE = 1 << 20;

/** How many items the failure names, the largest first. */
const NAMED = 3;

/** Returns the bytes of all values together. */
export function dataSize(data: ReadonlyMap<string, Uint8Array>): number {
  let size = 0;
  for (const { length } of data.values()) size += length;
  return size;
}

/** Returns why no Secret can hold the data, or undefined where one can. */
export function tooLarge(data: ReadonlyMap<string, Uint8Array>): Failure | undefined {
  const size = dataSize(data);
  if (size <= MAX_SECRET_SIZE) return undefined;
  const largest = [...data].sort(([, a], [, b]) => b.length - a.length).slice(0, NAMED);
  return { code: 'SecretTooLarge', size, limit: MAX_SECRET_SIZE, items: largest.map(([item]) => item) };
}
