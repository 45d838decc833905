import { editsBetween } from './edits-between.ts';

/** How many edits may separate a name from a suggestion, and for which part of its letters: one in three. */
const MAX_EDITS = 3;
const LETTERS_PER_EDIT = 3;
/** The longest names that are compared, in UTF-16 units: the time grows with the length. */
const MAX_LENGTH = 64;

/** Returns the name that a user probably meant by a mistyped one, in whatever case. Undefined if none is near. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  return allNearest(typed, names)[0];
}

/** Returns the names that a user may have meant by a mistyped one: those that the fewest edits lead to. */
export function allNearest(typed: string, names: readonly string[]): readonly string[] {
  if (typed.length > MAX_LENGTH) return [];
  const near = names
    .filter((name) => name.length <= MAX_LENGTH)
    .map((name) => ({ name, edits: editsBetween(name.toLowerCase(), typed.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= maxEdits(name) && edits < name.length);
  const fewest = near.reduce((least, { edits }) => Math.min(least, edits), MAX_EDITS);
  return near.filter(({ edits }) => edits === fewest).map(({ name }) => name);
}

function maxEdits(name: string): number {
  return Math.min(MAX_EDITS, Math.max(1, Math.floor(name.length / LETTERS_PER_EDIT)));
}
