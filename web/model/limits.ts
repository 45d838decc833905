import { counted } from '../../shared/text.ts';
import { errorAt } from './messages.ts';
import type { Field, Message } from './types.ts';

/** The most objects and the most items that are listed and sealed at once, over all certificates and namespaces. */
export const MAX_LISTED = { objects: 1000, items: 10_000 };

/** How many objects there are, and how many items in all of them. */
export interface Amount {
  readonly objects: number;
  readonly items: number;
}

/** Returns an error if there is more than one page can show. */
export function tooMuch({ objects, items }: Amount, field: Field): readonly Message[] {
  if (objects <= MAX_LISTED.objects && items <= MAX_LISTED.items) return [];
  const text =
    `${counted(objects, 'object')} with ${counted(items, 'item')} are too many for a page, which takes ` +
    `${MAX_LISTED.objects} objects and ${MAX_LISTED.items} items: use kubeseal`;
  return [errorAt(field, text)];
}
