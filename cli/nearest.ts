import { editsBetween } from '../shared/input/edits-between.ts';

/** How many edits may separate a name from a suggestion. */
const MAX_EDITS = 2;
/** Comparing takes time that grows with the length. */
const MAX_LENGTH = 64;

/** Returns the name that a user probably meant by a mistyped one. Undefined if none is near. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > MAX_LENGTH) return undefined;
  const [first] = names
    .filter((name) => name.length <= MAX_LENGTH)
    .map((name) => ({ name, edits: editsBetween(name.toLowerCase(), typed.toLowerCase()) }))
    .filter(({ edits, name }) => edits <= MAX_EDITS && edits < name.length)
    .toSorted((a, b) => a.edits - b.edits);
  return first?.name;
}
