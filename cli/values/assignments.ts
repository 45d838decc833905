import { usageError } from '../flags/usage-error.ts';
import { requireItemName } from '../../shared/input/item-name.ts';

/** The words of a command about values: `KEY=VALUE`, or `KEY` with the value from elsewhere. */
export interface Assignments {
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** The items without a value, in the order of the words. */
  readonly items: readonly string[];
}

/**
 * Parses `KEY=VALUE` and `KEY`. The value is everything behind the first `=`. Throws `BadItemName`, and `Usage` for a
 * name that is used twice.
 */
export function parseAssignments(words: readonly string[]): Assignments {
  const values = new Map<string, Uint8Array>();
  const items: string[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    const item = at < 0 ? word : word.slice(0, at);
    requireItemName(item, 'the command line');
    if (values.has(item) || items.includes(item)) usageError(`"${item}" is on the command line twice`);
    if (at < 0) items.push(item);
    else values.set(item, Buffer.from(word.slice(at + 1)));
  }
  return { values, items };
}
