import { fail } from '../../shared/input/errors.ts';
import { emptyValueWarning } from '../../shared/input/empty-value.ts';
import { requireItemName } from '../../shared/input/item-name.ts';
import { errorAt, thrownBy, warningAt } from './messages.ts';
import { THE_FORM } from './sources.ts';
import type { Item, Message } from './types.ts';

/** The items of a form by name, and what is wrong with them. */
export interface CheckedItems {
  readonly data: ReadonlyMap<string, Uint8Array>;
  readonly messages: readonly Message[];
}

/** Checks the items of a form. Of two with the same name, the first counts and the second is an error. */
export function checkItems(items: readonly Item[]): CheckedItems {
  const data = new Map<string, Uint8Array>();
  const messages: Message[] = [];
  for (const [index, { name, value }] of items.entries()) {
    if (name === '') {
      messages.push(errorAt({ name: 'item-name', index }, 'the item has no name'));
      continue;
    }
    const isTwice = data.has(name);
    const problems = thrownBy({ name: 'item-name', index }, () => {
      requireItemName(name, THE_FORM);
      if (isTwice) fail({ code: 'ItemTwice', from: THE_FORM, item: name });
    });
    messages.push(...problems);
    if (problems.length > 0) continue;
    data.set(name, value);
    if (value.length === 0) messages.push(warningAt({ name: 'item-value', index }, emptyValueWarning(name)));
  }
  return { data, messages };
}
