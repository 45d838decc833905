import { FLAGS } from './definitions.ts';

const MIN_LENGTH = 3;

/**
 * Returns the flags that a user probably meant by an unknown one, with their dashes: the flag that differs only in dashes
 * and letter case, else the flags that it is a prefix of, else the longest flag that is a prefix of it. Empty if there is
 * none.
 */
export function flagsLike(unknown: string): readonly string[] {
  const typed = unknown.replace(/^--/, '');
  if (typed === unknown || typed.length < MIN_LENGTH) return [];
  const names = [...FLAGS].filter(([, { hidden }]) => !hidden).map(([name]) => name);
  const same = names.filter((name) => letters(name) === letters(typed));
  const longer = names.filter((name) => name.startsWith(typed));
  const shorter = names.filter((name) => name.length >= MIN_LENGTH && typed.startsWith(`${name}-`));
  const longest = shorter.toSorted((a, b) => b.length - a.length).slice(0, 1);
  const found = [same, longer, longest].find((each) => each.length > 0) ?? [];
  return found.map((name) => `--${name}`);
}

function letters(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}
