import { usageError } from '../flags/usage-error.ts';
import { openHiddenInput } from './hidden-input.ts';

/**
 * Asks for the value of each item on the terminal, twice, and shows nothing that is typed. Throws `Usage` if there is no
 * terminal, if the two values differ, or if one is empty.
 *
 * @param flag the flag that asks for it, in messages
 */
export async function promptFor(
  items: readonly string[],
  flag: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const values = new Map<string, Uint8Array>();
  if (items.length === 0) return values;
  const input = openHiddenInput(flag);
  try {
    for (const item of items) {
      const value = await input.ask(`${item}: `);
      if (value === '') usageError(`the value of "${item}" is empty; nothing was changed`);
      if ((await input.ask(`${item} again: `)) !== value)
        usageError(`the two values of "${item}" differ; nothing was changed`);
      values.set(item, Buffer.from(value));
    }
    return values;
  } finally {
    input.close();
  }
}
