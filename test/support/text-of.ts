import type { Secret } from '../../shared/api/secret.ts';
import { utf8Text } from '../../shared/bytes.ts';

/** Returns the value of an item as text; undefined if the Secret does not have the item. */
export function textOf({ data }: Pick<Secret, 'data'>, item: string): string | undefined {
  const value = data.get(item);
  return value && utf8Text(value);
}
