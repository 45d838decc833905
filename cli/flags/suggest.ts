import { allNearest } from '../../shared/input/nearest.ts';
import { FLAGS } from './definitions.ts';

const MIN_LENGTH = 3;
/** No flag is nearly as long. */
const MAX_TYPED = 40;

/** Returns a question with the flags that a user probably meant by an unknown one. Empty if there are none. */
export function suggestionFor(unknown: string): string {
  const likely = flagsLike(unknown);
  if (likely.length === 0) return '';
  return ` (Did you mean ${likely.length === 1 ? '' : 'one of '}${likely.join(', ')}?)`;
}

/**
 * Returns flags that resemble an unknown one, with their dashes: the flag that differs only in dashes, letter case and `no-`,
 * else the flags that it is a prefix of, else the longest flag that is a prefix of it, else the flags that the fewest
 * edits lead to. Shorthands resemble nothing.
 */
function flagsLike(unknown: string): readonly string[] {
  const typed = unknown.replace(/^--/, '');
  if (typed === unknown || typed.length < MIN_LENGTH || typed.length > MAX_TYPED) return [];
  const names = FLAGS.filter(({ hidden }) => !hidden).map(({ name }) => name);
  const same = names.filter((name) => letters(name) === letters(typed.replace(/^no-/, '')));
  const longer = names.filter((name) => name.startsWith(typed));
  const shorter = names.filter((name) => name.length >= MIN_LENGTH && typed.startsWith(`${name}-`));
  const longest = shorter.toSorted((a, b) => b.length - a.length).slice(0, 1);
  const found = [same, longer, longest].find((each) => each.length > 0) ?? allNearest(typed, names);
  return found.map((name) => `--${name}`);
}

function letters(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}
