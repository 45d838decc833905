import { CannotSplice, lineAfter, REMOVED, type PatchMap, type Splice } from './splice.ts';
import { pairOf, type MapNode, type Node, type Pair, type Range } from './yaml-tree.ts';

/**
 * Returns the splices that remove the keys of a patch from one document, and keep every other byte. Comments that belong
 * to a key go with it: on its line, and in the lines directly above it with the same indentation. A map that loses its
 * last key becomes `{}`. Throws `CannotSplice`.
 */
export function removalsFor(document: Node, text: string, patch: PatchMap): Splice[] {
  return removals(document, { text, patch, parent: undefined });
}

/** Whether a patch removes a key. */
export function removesKeys(patch: PatchMap): boolean {
  return [...patch.values()].some(
    (value) => value === REMOVED || (typeof value !== 'string' && removesKeys(value)),
  );
}

interface Removal {
  readonly text: string;
  readonly patch: PatchMap;
  /** The pair whose value the map is. Undefined for a document and for an item of a list. */
  readonly parent: Pair | undefined;
}

function removals(node: Node, { text, patch, parent }: Removal): Splice[] {
  if (!removesKeys(patch)) return [];
  if (node.kind === 'list') {
    return [...patch].flatMap(([index, value]) => {
      const item = typeof index === 'number' ? node.items[index] : undefined;
      if (typeof value === 'string') return [];
      if (value === REMOVED || item === undefined) throw new CannotSplice();
      return removals(item, { text, patch: value, parent: undefined });
    });
  }
  if (node.kind !== 'map') throw new CannotSplice();
  const removed = new Set<Pair>();
  const inner: Splice[] = [];
  for (const [key, value] of patch) {
    if (typeof value === 'string' || (value !== REMOVED && !removesKeys(value))) continue;
    const pair = pairOf(node.pairs, String(key), value !== REMOVED);
    if (pair === undefined) throw new CannotSplice();
    if (value === REMOVED) removed.add(pair);
    else inner.push(...removals(pair.value, { text, patch: value, parent: pair }));
  }
  if (removed.size === 0) return inner;
  return [
    ...inner,
    ...(node.isFlow ? fromFlow(node, removed, text) : fromBlock(node, removed, { text, parent })),
  ];
}

/** Removes keys and one comma for each of them. */
function fromFlow({ pairs, start, end }: MapNode, removed: ReadonlySet<Pair>, text: string): Splice[] {
  const ranges: Range[] = [];
  let lastKept: Pair | undefined;
  let first: Pair | undefined;
  for (const pair of pairs) {
    if (removed.has(pair)) {
      first ??= pair;
    } else {
      if (first !== undefined) ranges.push({ start: first.key.start, end: pair.key.start });
      first = undefined;
      lastKept = pair;
    }
  }
  const last = pairs.at(-1);
  if (lastKept === undefined) ranges.push({ start: start + 1, end: end - 1 });
  else if (first !== undefined && last !== undefined)
    ranges.push({ start: lastKept.value.end, end: last.value.end });
  // Comments between the keys may belong to another key.
  if (ranges.some((range) => gapsOf(range, pairs, text).includes('#'))) throw new CannotSplice();
  return ranges.map((range) => ({ ...range, text: '' }));
}

/** Returns the text of a range outside of the pairs that it contains. */
function gapsOf({ start, end }: Range, pairs: readonly Pair[], text: string): string {
  const inner = pairs.filter(({ key, value }) => key.start >= start && value.end <= end);
  const starts = [start, ...inner.map(({ value }) => value.end)];
  return starts.map((from, index) => text.slice(from, inner[index]?.key.start ?? end)).join('');
}

/** Removes the lines of keys. */
function fromBlock(
  { pairs }: MapNode,
  removed: ReadonlySet<Pair>,
  { text, parent }: Pick<Removal, 'text' | 'parent'>,
): Splice[] {
  const splices = pairs.flatMap((pair, index): Splice[] => {
    if (!removed.has(pair)) return [];
    const next = pairs[index + 1];
    const keyStart = pair.key.start;
    const lineStart = text.lastIndexOf('\n', keyStart - 1) + 1;
    const before = text.slice(lineStart, keyStart);
    if (/^ *$/.test(before)) return [linesOf(pair, { previous: pairs[index - 1], text })];
    // The key follows the dash of a list, and the next key takes its place.
    if (!/^ *(?:- +)+$/.test(before) || next === undefined || removed.has(next)) throw new CannotSplice();
    if (/#|\n\s*\n/.test(text.slice(pair.value.end, next.key.start))) throw new CannotSplice();
    return [{ start: keyStart, end: next.key.start, text: '' }];
  });
  return removed.size < pairs.length ? splices : [emptyMap(parent, text), ...splices];
}

/** Returns the splice that removes the lines of a pair, with the comments that belong to it. */
function linesOf(
  pair: Pair,
  { previous, text }: { readonly previous: Pair | undefined; readonly text: string },
): Splice {
  const keyStart = pair.key.start;
  const floor = previous === undefined ? 0 : lineAfter(text, previous.value.end);
  let start = text.lastIndexOf('\n', keyStart - 1) + 1;
  const comment = `${text.slice(start, keyStart)}#`;
  for (let above = start; above > floor; start = above) {
    above = text.lastIndexOf('\n', above - 2) + 1;
    if (above < floor || !text.startsWith(comment, above)) break;
  }
  const end = lineAfter(text, endOfContent(pair, text));
  const isUnfinished = end === text.length && !text.endsWith('\n');
  return {
    start: isUnfinished ? start - (/\r?\n$/.exec(text.slice(0, start))?.[0].length ?? 0) : start,
    end,
    text: '',
  };
}

/** Returns the end of a pair without the empty lines that follow a block scalar, unless its "+" makes them content. */
function endOfContent({ key, value }: Pair, text: string): number {
  const isKept = /^[|>]\d?\+/.test(text.slice(value.start, value.start + 3));
  return isKept ? value.end : key.start + text.slice(key.start, value.end).trimEnd().length;
}

/** Returns the splice that turns the value of a pair into an empty map, once its lines are removed. */
function emptyMap(parent: Pair | undefined, text: string): Splice {
  const keyEnd = parent?.key.end ?? text.length;
  const colon = /^\s*:/.exec(text.slice(keyEnd))?.[0];
  if (colon === undefined) throw new CannotSplice();
  return { start: keyEnd + colon.length, end: keyEnd + colon.length, text: ' {}' };
}
