import type { MissingItems } from './missing.ts';
import { MAX_MESSAGE, shortened, visible, withRest } from '../text.ts';

/** The longest name that is quoted, in UTF-16 units. */
const MAX_NAME = 100;

/** Room for the number of omitted items, in UTF-16 units. */
const ROOM = 24;

/**
 * Describes missing items in one line of at most `max` UTF-16 units, and counts those that do not fit. Returns an empty
 * text if nothing is missing.
 */
export function describeMissing({ first, count }: MissingItems, max = MAX_MESSAGE): string {
  let text = '';
  let rest = count;
  for (const { template, name } of first) {
    const words = `template item ${shown(template)} refers to missing item "${shown(name)}"`;
    // Always name the first one, even if escaping makes its names long.
    const longer = text === '' ? shortened(words, max - ROOM) : `${text}; ${words}`;
    if (longer.length > max - ROOM) break;
    text = longer;
    rest--;
  }
  return shortened(withRest(text, rest, '; '), max);
}

function shown(name: string): string {
  return visible(shortened(name, MAX_NAME));
}
