import { fail } from '../../shared/input/errors.ts';
import { requireItemName } from '../../shared/input/item-name.ts';

/** New values of items, by name, each of them from one source. */
export class NewItems {
  readonly #values = new Map<string, Uint8Array>();

  /**
   * Adds an item. Throws `BadItemName` for a name that no Secret can have, and `ItemTwice` for one that is there.
   *
   * @param from the source of the value in messages, such as `--from-literal`
   */
  add(item: string, value: Uint8Array, from: string): void {
    requireItemName(item, from);
    if (this.#values.has(item)) fail({ code: 'ItemTwice', from, item });
    this.#values.set(item, value);
  }

  get values(): ReadonlyMap<string, Uint8Array> {
    return this.#values;
  }
}
