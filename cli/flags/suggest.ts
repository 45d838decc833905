import { FLAGS } from './definitions.ts';

const MIN_LENGTH = 3;
/** How many edits may separate a typed name from a suggestion, and which part of its letters. */
const MAX_EDITS = 3;
const MAX_EDITED_PART = 0.6;
/** No flag is nearly as long; comparing takes time that grows with the length. */
const MAX_TYPED = 40;

/** Returns a question with the flags that a user probably meant by an unknown one. Empty if there are none. */
export function suggestionFor(unknown: string): string {
  const likely = flagsLike(unknown);
  if (likely.length === 0) return '';
  return ` (Did you mean ${likely.length === 1 ? '' : 'one of '}${likely.join(', ')}?)`;
}

/**
 * Returns flags that resemble an unknown one, with their dashes: the flag that differs only in dashes and letter case,
 * else the flags that it is a prefix of, else the longest flag that is a prefix of it, else the flags that the fewest
 * edits lead to. Shorthands resemble nothing.
 */
export function flagsLike(unknown: string): readonly string[] {
  const typed = unknown.replace(/^--/, '');
  if (typed === unknown || typed.length < MIN_LENGTH || typed.length > MAX_TYPED) return [];
  const names = FLAGS.filter(({ hidden }) => !hidden).map(({ name }) => name);
  const same = names.filter((name) => letters(name) === letters(typed));
  const longer = names.filter((name) => name.startsWith(typed));
  const shorter = names.filter((name) => name.length >= MIN_LENGTH && typed.startsWith(`${name}-`));
  const longest = shorter.toSorted((a, b) => b.length - a.length).slice(0, 1);
  const found = [same, longer, longest].find((each) => each.length > 0) ?? nearest(names, typed);
  return found.map((name) => `--${name}`);
}

function letters(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

function nearest(names: readonly string[], typed: string): readonly string[] {
  const near = names
    .map((name) => ({ name, edits: editsBetween(name, typed) }))
    .filter(({ name, edits }) => {
      return edits <= MAX_EDITS && edits < MAX_EDITED_PART * Math.max(name.length, typed.length);
    });
  const fewest = Math.min(...near.map(({ edits }) => edits));
  return near.filter(({ edits }) => edits === fewest).map(({ name }) => name);
}

/** Returns how many letters to insert, delete, replace or swap with a neighbour to turn one text into the other. */
function editsBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwap ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
