import type { LintedObject } from '../object.ts';
import { sealedOf } from '../sealed-of.ts';

/** SealedSecrets by their items. A build makes several of one if it takes the file on several ways. */
export type ByItems = ReadonlyMap<string, readonly LintedObject[]>;

/** Returns the ciphertexts of a SealedSecret as one text, which tells it from most others. Undefined for other objects. */
export function itemsOf(object: LintedObject): string | undefined {
  const sealed = sealedOf(object);
  if (sealed === undefined) return undefined;
  const items = [...sealed.encryptedData].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([items, sealed.v1Data]);
}

/** Groups objects by a text. Leaves out those without one. */
export function grouped(
  objects: readonly LintedObject[],
  keyOf: (object: LintedObject) => string | undefined,
): ReadonlyMap<string, readonly LintedObject[]> {
  const groups = new Map<string, LintedObject[]>();
  for (const object of objects) {
    const key = keyOf(object);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(object);
  }
  return groups;
}
