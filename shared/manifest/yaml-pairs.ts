import { isCollection, isScalar, type Pair, type ParsedNode } from 'yaml';

/** Finds pairs of keys and values in parsed YAML, and where they end in the text. Offsets are in UTF-16 units. */

/** A node of the parsed text. */
export type Node = ParsedNode;
/** The keys of a map, with their values; null for a value that is missing. */
export type Pairs = readonly Pair<Node, Node | null>[];

/** Finds a pair by key. Field names match case-insensitively, as in Go's decoder; map keys match exactly. */
export function pairOf(pairs: Pairs, key: string, isField: boolean): Pairs[number] | undefined {
  const named = (test: (name: string) => boolean): Pairs[number] | undefined =>
    pairs.find((pair) => isScalar(pair.key) && typeof pair.key.value === 'string' && test(pair.key.value));
  const exact = named((name) => name === key);
  return exact ?? (isField ? named((name) => name.toLowerCase() === key.toLowerCase()) : undefined);
}

/** Whether a collection is in flow style: `{a: b}`. */
export function isFlow(collection: { flow?: boolean | undefined }): boolean {
  return collection.flow ?? false;
}

/** Returns the end of a pair, excluding trailing comments. */
export function endOf({ key, value }: Pairs[number]): number {
  return value === null || (isScalar(value) && value.range[0] === value.range[1])
    ? key.range[1]
    : endOfNode(value);
}

function endOfNode(node: Node): number {
  if (!isCollection(node) || isFlow(node)) return node.range[1];
  const last = node.items.at(-1);
  if (last === undefined) return node.range[1];
  return 'range' in last ? endOfNode(last) : endOf(last);
}

/** Returns the start of the line after an offset, or the offset itself if a line starts there. */
export function lineAfter(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}
