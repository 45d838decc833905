/** What templates read and no item is there for. Known from names and template texts alone, never from values. */

/** A template that reads an item that does not exist. */
export interface MissingItem {
  /** The item whose template it is. */
  readonly template: string;
  /** The name of the item that does not exist. */
  readonly name: string;
}

/** The first missing items of a SealedSecret, and how many there are in all. */
export interface MissingItems {
  readonly first: readonly MissingItem[];
  readonly count: number;
}

export const NONE_MISSING: MissingItems = { first: [], count: 0 };

/** How many missing items of a SealedSecret are told by name. */
export const MAX_MISSING = 10;
