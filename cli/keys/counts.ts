import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { SealedObject } from './sealed-objects.ts';

/** How many objects are sealed with a key, by what is known. */
export interface KeyCount {
  readonly proven: number;
  readonly claimed: number;
  /** Objects of unknown keys that this one may have sealed. */
  readonly possible: number;
}

/** The count of a key that nothing is sealed with. */
export const NO_COUNT: KeyCount = { proven: 0, claimed: 0, possible: 0 };

/** Counts objects by their keys. An object that several keys sealed counts for each of them. */
export function countByKey(objects: readonly SealedObject[]): ReadonlyMap<Fingerprint, KeyCount> {
  const counts = new Map<Fingerprint, KeyCount>();
  for (const { evidence } of objects) {
    const counted = evidence.grade === 'unknown' ? 'possible' : evidence.grade;
    for (const key of new Set(evidence.keys)) {
      const count = counts.get(key) ?? NO_COUNT;
      counts.set(key, { ...count, [counted]: count[counted] + 1 });
    }
  }
  return counts;
}

/** Counts the objects whose keys are not known. */
export function countUnknown(objects: readonly SealedObject[]): number {
  return objects.filter(({ evidence }) => evidence.grade === 'unknown').length;
}
