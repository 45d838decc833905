import type { SealedDocument } from '../../shared/input/sealed-document.ts';

/** Two versions of one SealedSecret. At most one of them is undefined. */
export type Match = readonly [SealedDocument | undefined, SealedDocument | undefined];

/**
 * Matches SealedSecrets by namespace and name; several of the same name in their order. If one is left on each side, it
 * was renamed. The matches are in the order of the newer side, followed by what was removed.
 */
export function match(old: readonly SealedDocument[], now: readonly SealedDocument[]): readonly Match[] {
  const left = new Map<string, SealedDocument[]>();
  for (const each of old) left.set(keyOf(each), [...(left.get(keyOf(each)) ?? []), each]);
  const matches = now.map((each): Match => [left.get(keyOf(each))?.shift(), each]);
  const removed = [...left.values()].flat();
  const added = matches.filter(([before]) => before === undefined);
  const [renamed] = removed;
  if (renamed !== undefined && removed.length === 1 && added.length === 1)
    return matches.map(([before, after]) => [before ?? renamed, after]);
  return [...matches, ...removed.map((each): Match => [each, undefined])];
}

function keyOf({ sealed: { metadata } }: SealedDocument): string {
  return JSON.stringify([metadata.namespace, metadata.name]);
}
