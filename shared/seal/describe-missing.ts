import type { MissingItems } from './missing.ts';
import { MAX_MESSAGE, shortened, visible, withRest } from '../text.ts';

/** The longest name that is told of each, in UTF-16 units. */
const MAX_NAME = 100;

/** Room for the number of those that are left out. */
const ROOM = 24;

/**
 * Returns what is missing, in one line of at most `max` UTF-16 units; what does not fit is counted. Empty where nothing
 * is missing.
 */
export function describeMissing({ first, count }: MissingItems, max = MAX_MESSAGE): string {
  let told = '';
  let rest = count;
  for (const { template, name } of first) {
    const words = `template item ${shown(template)} refers to missing item "${shown(name)}"`;
    // The first is always named: escaped, both names may be long.
    const more = told === '' ? shortened(words, max - ROOM) : `${told}; ${words}`;
    if (more.length > max - ROOM) break;
    told = more;
    rest--;
  }
  return shortened(withRest(told, rest, '; '), max);
}

function shown(name: string): string {
  return visible(shortened(name, MAX_NAME));
}
