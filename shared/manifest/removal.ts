import { isMap, isSeq, type Document, type YAMLMap } from 'yaml';
import { CannotSplice, REMOVED, type PatchMap, type Splice } from './splice.ts';
import { endOf, isFlow, lineAfter, pairOf, type Node, type Pairs } from './yaml-pairs.ts';

/**
 * Returns the splices that remove the keys of a patch from one document, and keep every other byte. Comments that belong
 * to a key go with it: on its line, and in the lines directly above it with the same indentation. A map that loses its
 * last key becomes `{}`. Throws `CannotSplice`.
 */
export function removalsFor(document: Document.Parsed, text: string, patch: PatchMap): Splice[] {
  return removals(document.contents, { text, patch, parent: undefined });
}

/** Whether a patch removes a key. */
export function removesKeys(patch: PatchMap): boolean {
  return [...patch.values()].some(
    (value) => value === REMOVED || (typeof value !== 'string' && removesKeys(value)),
  );
}

type Range = readonly [start: number, end: number];

interface Removal {
  readonly text: string;
  readonly patch: PatchMap;
  /** The pair whose value the map is. Undefined for a document and for an item of a list. */
  readonly parent: Pairs[number] | undefined;
}

function removals(node: Node | null, { text, patch, parent }: Removal): Splice[] {
  if (!removesKeys(patch)) return [];
  if (isSeq(node)) {
    return [...patch].flatMap(([index, value]) => {
      const item = typeof index === 'number' ? node.items[index] : undefined;
      if (typeof value === 'string') return [];
      if (value === REMOVED || item === undefined) throw new CannotSplice();
      return removals(item, { text, patch: value, parent: undefined });
    });
  }
  if (!isMap(node)) throw new CannotSplice();
  const removed = new Set<Pairs[number]>();
  const inner: Splice[] = [];
  for (const [key, value] of patch) {
    if (typeof value === 'string' || (value !== REMOVED && !removesKeys(value))) continue;
    const pair = pairOf(node.items, String(key), value !== REMOVED);
    if (pair === undefined) throw new CannotSplice();
    if (value === REMOVED) removed.add(pair);
    else inner.push(...removals(pair.value, { text, patch: value, parent: pair }));
  }
  if (removed.size === 0) return inner;
  return [
    ...inner,
    ...(isFlow(node) ? fromFlow(node, removed, text) : fromBlock(node, removed, { text, parent })),
  ];
}

/** Removes keys and one comma for each of them. */
function fromFlow(
  { items, range }: YAMLMap.Parsed,
  removed: ReadonlySet<Pairs[number]>,
  text: string,
): Splice[] {
  const ranges: Range[] = [];
  let lastKept: Pairs[number] | undefined;
  let first: Pairs[number] | undefined;
  for (const pair of items) {
    if (removed.has(pair)) {
      first ??= pair;
    } else {
      if (first !== undefined) ranges.push([first.key.range[0], pair.key.range[0]]);
      first = undefined;
      lastKept = pair;
    }
  }
  const last = items.at(-1);
  if (lastKept === undefined) ranges.push([range[0] + 1, range[1] - 1]);
  else if (first !== undefined && last !== undefined) ranges.push([endOf(lastKept), endOf(last)]);
  const within = ([start, end]: Range): readonly Range[] =>
    items
      .map((pair): Range => [pair.key.range[0], endOf(pair)])
      .filter(([from, to]) => from >= start && to <= end);
  // Comments between the keys may belong to another key.
  if (ranges.some((range) => gapsOf(range, within(range), text).includes('#'))) throw new CannotSplice();
  return ranges.map(([start, end]) => ({ start, end, text: '' }));
}

/** Returns the text of a range outside of the inner ranges. */
function gapsOf([start, end]: Range, inner: readonly Range[], text: string): string {
  const starts = [start, ...inner.map(([, to]) => to)];
  return starts.map((from, index) => text.slice(from, inner[index]?.[0] ?? end)).join('');
}

/** Removes the lines of keys. */
function fromBlock(
  { items }: YAMLMap.Parsed,
  removed: ReadonlySet<Pairs[number]>,
  { text, parent }: Pick<Removal, 'text' | 'parent'>,
): Splice[] {
  const splices = items.flatMap((pair, index): Splice[] => {
    if (!removed.has(pair)) return [];
    const next = items[index + 1];
    const keyStart = pair.key.range[0];
    const lineStart = text.lastIndexOf('\n', keyStart - 1) + 1;
    const before = text.slice(lineStart, keyStart);
    if (/^ *$/.test(before)) return [linesOf(pair, { previous: items[index - 1], text })];
    // The key follows the dash of a list, and the next key takes its place.
    if (!/^ *(?:- +)+$/.test(before) || next === undefined || removed.has(next)) throw new CannotSplice();
    if (/#|\n\s*\n/.test(text.slice(endOf(pair), next.key.range[0]))) throw new CannotSplice();
    return [{ start: keyStart, end: next.key.range[0], text: '' }];
  });
  return removed.size < items.length ? splices : [emptyMap(parent, text), ...splices];
}

/** Returns the splice that removes the lines of a pair, with the comments that belong to it. */
function linesOf(
  pair: Pairs[number],
  { previous, text }: { readonly previous: Pairs[number] | undefined; readonly text: string },
): Splice {
  const keyStart = pair.key.range[0];
  const floor = previous === undefined ? 0 : lineAfter(text, endOf(previous));
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
function endOfContent(pair: Pairs[number], text: string): number {
  const start = pair.key.range[0];
  const valueStart = pair.value?.range[0] ?? start;
  const isKept = /^[|>]\d?\+/.test(text.slice(valueStart, valueStart + 3));
  return isKept ? endOf(pair) : start + text.slice(start, endOf(pair)).trimEnd().length;
}

/** Returns the splice that turns the value of a pair into an empty map, once its lines are removed. */
function emptyMap(parent: Pairs[number] | undefined, text: string): Splice {
  const keyEnd = parent?.key.range[1] ?? text.length;
  const colon = /^\s*:/.exec(text.slice(keyEnd))?.[0];
  if (colon === undefined) throw new CannotSplice();
  return { start: keyEnd + colon.length, end: keyEnd + colon.length, text: ' {}' };
}
