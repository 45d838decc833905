/** The nodes of a YAML text with their positions, for edits in place. Offsets are in UTF-16 units. */

/** A part of the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A node of the text. Its range includes quotes and brackets, but no anchor, tag or comment. */
export type Node = ScalarNode | AliasNode | ListNode | MapNode;

/** A scalar. */
export interface ScalarNode extends Range {
  readonly kind: 'scalar';
  /**
   * A block scalar starts at its header, and ends before the empty lines that its header does not keep. A missing
   * scalar is an empty range behind the colon or dash, any anchor and tag, and the spaces that follow.
   */
  readonly style: ScalarStyle;
  readonly isNull: boolean;
}

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single-quoted' | 'double-quoted' | 'block' | 'missing';

/** An alias, with its `*`. */
export interface AliasNode extends Range {
  readonly kind: 'alias';
}

/** A list. In block style, it starts at its first dash and ends with its last item. */
export interface ListNode extends Range {
  readonly kind: 'list';
  /** Whether the list is in brackets. */
  readonly isFlow: boolean;
  readonly items: readonly Node[];
}

/** A map. In block style, it starts at its first key, or at the anchor or tag of that key, and ends with its last value. */
export interface MapNode extends Range {
  readonly kind: 'map';
  /** Whether the map is in braces, or a single pair in brackets. */
  readonly isFlow: boolean;
  readonly pairs: readonly Pair[];
}

/** A key and its value. */
export interface Pair {
  /** The key as a string; undefined for a merge key (`<<`). */
  readonly name: string | undefined;
  readonly key: Range;
  /** Whether the key has a colon. In braces it may be missing together with the value. */
  readonly hasColon: boolean;
  readonly value: Node;
}

/** Finds a pair by key. Field names match case-insensitively, as in Go's decoder; map keys match exactly. */
export function pairOf(pairs: readonly Pair[], key: string, isField: boolean): Pair | undefined {
  const exact = pairs.find(({ name }) => name === key);
  return exact ?? (isField ? pairs.find(({ name }) => name?.toLowerCase() === key.toLowerCase()) : undefined);
}
