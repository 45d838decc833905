// References of templates to items that do not exist. Derived from names and template texts only, never from values.

/** A reference of a template to an item that does not exist. */
export interface MissingItem {
  /** The item that the template renders. */
  readonly template: string;
  /** The name of the item that does not exist. */
  readonly name: string;
}

/** The missing items of a SealedSecret: the first {@link MAX_MISSING}, and their total number. */
export interface MissingItems {
  readonly first: readonly MissingItem[];
  readonly count: number;
}

/** No missing items. */
export const NONE_MISSING: MissingItems = { first: [], count: 0 };

/** The most missing items of a SealedSecret that are named. */
export const MAX_MISSING = 10;
