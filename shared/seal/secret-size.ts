import { sealFailure, type SealFailure } from './errors.ts';

/**
 * The most bytes of all values of a Secret together (`MaxSecretSize` of the Kubernetes API). The API server always
 * refuses a larger one.
 */
export const MAX_SECRET_SIZE = 1 << 20;

/** How many items the failure names, starting with the largest. */
const NAMED = 3;

/** Returns the size of all values together, in bytes. */
export function dataSize(data: ReadonlyMap<string, Uint8Array>): number {
  let size = 0;
  for (const { length } of data.values()) size += length;
  return size;
}

/** Returns the failure if the data does not fit into a Secret; undefined if it does. */
export function tooLarge(data: ReadonlyMap<string, Uint8Array>): SealFailure | undefined {
  const size = dataSize(data);
  if (size <= MAX_SECRET_SIZE) return undefined;
  const largest = [...data].sort(([, a], [, b]) => b.length - a.length).slice(0, NAMED);
  return sealFailure({
    code: 'SecretTooLarge',
    size,
    limit: MAX_SECRET_SIZE,
    items: largest.map(([item]) => item),
  });
}
