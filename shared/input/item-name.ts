import { isItemName } from '../api/item-name.ts';
import { joined } from '../text.ts';
import { fail } from './errors.ts';

/**
 * Refuses the name of an item that no Secret can have. Throws `BadItemName`.
 *
 * @param from where the name comes from, such as `--from-file`
 */
export function requireItemName(item: string, from: string): void {
  if (!isItemName(item)) fail({ code: 'BadItemName', from, item: joined([withoutValue(item)]) });
}

/** Cuts a name where a value may begin, as in `password:hunter2`. */
function withoutValue(item: string): string {
  return item.replace(/[:\s].*/su, '…');
}
