/**
 * Groups the entries and returns the group with the largest total weight: of equal groups the first one, and an empty
 * list if nothing weighs anything.
 */
export function heaviestGroup<Entry>(
  entries: Iterable<Entry>,
  groupOf: (entry: Entry) => string,
  weightOf: (entry: Entry) => number,
): readonly Entry[] {
  const groups = new Map<string, { readonly entries: Entry[]; weight: number }>();
  for (const entry of entries) {
    const key = groupOf(entry);
    const group = groups.get(key) ?? { entries: [], weight: 0 };
    group.entries.push(entry);
    group.weight += weightOf(entry);
    groups.set(key, group);
  }
  let heaviest: { readonly entries: readonly Entry[]; readonly weight: number } = { entries: [], weight: 0 };
  for (const group of groups.values()) if (group.weight > heaviest.weight) heaviest = group;
  return heaviest.entries;
}
