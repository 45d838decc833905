import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { formatJson } from './escape.ts';
import { formatYaml } from './yaml-write.ts';

/** Strings to set, by their path into a document; maps on the way are made where they are missing. */
export type Patch = string | PatchMap;
export type PatchMap = ReadonlyMap<string | number, Patch>;

/** A piece of a text, and what comes in its place. Offsets in UTF-16 units. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Thrown where a patch would have to change more than it names: through an alias, say. */
export class CannotSplice extends Error {}

type Node = ParsedNode;
type Pairs = readonly Pair<Node, Node | null>[];

/** The splices that apply a patch to one document and leave every other byte as it stands. Throws `CannotSplice`. */
export function splicesFor(document: Document.Parsed, text: string, patch: PatchMap): Splice[] {
  const splicer = new Splicer(text);
  splicer.into(document.contents, patch);
  return splicer.splices;
}

/** Applies splices that do not overlap; of several at one offset, the first comes first. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: inserted } of splices.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at);
}

class Splicer {
  readonly splices: Splice[] = [];
  readonly #text: string;
  readonly #eol: string;

  constructor(text: string) {
    this.#text = text;
    this.#eol = text.includes('\r\n') ? '\r\n' : '\n';
  }

  into(node: Node | null, patch: PatchMap): void {
    if (isSeq(node)) {
      for (const [index, value] of patch) {
        const item = typeof index === 'number' ? node.items[index] : undefined;
        if (typeof value === 'string' || !item) throw new CannotSplice();
        this.into(item, value);
      }
      return;
    }
    if (!isMap(node)) throw new CannotSplice();
    const map = node;
    const added: [string, Patch][] = [];
    for (const [key, value] of patch) {
      const pair = pairOf(map.items, String(key), typeof value !== 'string');
      if (pair) this.#set(map, pair, value);
      else added.push([String(key), value]);
    }
    for (const [key, value] of added.sort(([a], [b]) => (a < b ? -1 : 1))) this.#insert(map, key, value);
  }

  #set(map: YAMLMap, pair: Pairs[number], value: Patch): void {
    const old = pair.value;
    if (isAlias(old)) throw new CannotSplice();
    const isEmpty =
      old === null || (isScalar(old) && old.value === null) || (isCollection(old) && old.items.length === 0);
    if (typeof value === 'string') {
      if (old !== null && !isScalar(old)) throw new CannotSplice();
      if (isEmpty) this.#fill(map, pair, value);
      else this.#replace(map, old, value);
    } else if (isEmpty) {
      this.#fill(map, pair, value);
    } else {
      this.into(old, value);
    }
  }

  /** Puts a value where there is none yet, or an empty one. */
  #fill(map: YAMLMap, pair: Pairs[number], value: Patch): void {
    const [start, end] = pair.value?.range ?? [pair.key.range[1] + 1, pair.key.range[1] + 1];
    if (isFlow(map) || typeof value === 'string') {
      const space = /\s/.test(this.#text[start - 1] ?? '') ? '' : ' ';
      const [from = 0, to = 0] = map.range ?? [];
      const indent = this.#text.slice(from, to).includes('\n') ? this.#lineIndent(start) : null;
      const text = typeof value === 'string' ? plain(value, isFlow(map)) : flowText(value, indent, this.#eol);
      this.#put(start, end, space + text);
      return;
    }
    const indent = ' '.repeat(this.#column(pair.key.range[0]) + 2);
    let from = start;
    while (this.#text[from - 1] === ' ') from--;
    this.#put(from, end, this.#eol + blockLines(value, indent, this.#eol).trimEnd());
  }

  #replace(map: YAMLMap, old: Scalar.Parsed, value: string): void {
    const [start, end] = old.range;
    const source = this.#text.slice(start, end);
    if (old.type === 'BLOCK_LITERAL' || old.type === 'BLOCK_FOLDED') {
      this.#put(start, end, this.#blockScalar(source, value));
    } else if (old.type === 'QUOTE_DOUBLE') {
      this.#put(start, end, formatJson(value));
    } else if (old.type === 'QUOTE_SINGLE' && /^[ -~]*$/.test(value)) {
      this.#put(start, end, `'${value.replaceAll("'", "''")}'`);
    } else {
      this.#put(start, end, plain(value, isFlow(map)));
    }
  }

  /** One line in a block stays in a block; what has more of them is quoted. */
  #blockScalar(source: string, value: string): string {
    const [header = '', content = ''] = source.split(/\r?\n/, 2);
    const indent = /^ */.exec(content)?.[0] ?? '';
    if (indent === '' || !/^[!-~][ -~]*$/.test(value)) return formatJson(value) + this.#eol;
    return `${header.replace(/[0-9+-]+/, '').replace(/[|>]/, '$&-')}${this.#eol}${indent}${value}${this.#eol}`;
  }

  /** In order where the keys are in order, else at the end. */
  #insert(map: YAMLMap.Parsed, key: string, value: Patch): void {
    const pairs = map.items;
    const keys = pairs.map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''));
    const inOrder = keys.every((name, i) => i === 0 || (keys[i - 1] ?? '') <= name);
    const before = inOrder ? keys.filter((name) => name < key).length : keys.length;
    const [first] = pairs;
    if (!first) throw new CannotSplice();
    if (isFlow(map)) this.#insertFlow(pairs, before, key, value);
    else this.#insertBlock(first, pairs[before - 1], key, value);
  }

  #insertBlock(first: Pairs[number], previous: Pairs[number] | undefined, key: string, value: Patch): void {
    const column = this.#column(first.key.range[0]);
    const lines = blockLines(new Map([[key, value]]), ' '.repeat(column), this.#eol);
    if (!previous) {
      // The first key may stand behind a dash.
      this.#put(first.key.range[0], first.key.range[0], lines.trimStart() + ' '.repeat(column));
      return;
    }
    const at = this.#lineAfter(endOf(previous));
    if (at === this.#text.length && !this.#text.endsWith('\n'))
      this.#put(at, at, this.#eol + lines.trimEnd());
    else this.#put(at, at, lines);
  }

  #insertFlow(pairs: Pairs, before: number, key: string, value: Patch): void {
    const [first] = pairs;
    const start = first?.key.range[0] ?? 0;
    const last = pairs.at(-1);
    const valueAt = last?.value?.range[0];
    const colon = last && valueAt !== undefined ? this.#text.slice(last.key.range[1], valueAt) : ': ';
    const space = /\s*$/.exec(this.#text.slice(0, start))?.[0] ?? '';
    const gap = pairs.length > 1 || space.includes('\n') ? this.#gapBefore(pairs, space) : ' ';
    const entry = `${formatJson(key)}${colon}${flowText(value, gap.includes('\n') ? this.#lineIndent(start) : null, this.#eol)}`;
    const previous = pairs[before - 1];
    if (previous) this.#put(endOf(previous), endOf(previous), `,${gap}${entry}`);
    else this.#put(start, start, `${entry},${gap}`);
  }

  /** The white space between the last comma, or the brace, and the last key. */
  #gapBefore(pairs: Pairs, first: string): string {
    const last = pairs.at(-1);
    return pairs.length > 1 && last
      ? (/\s*$/.exec(this.#text.slice(0, last.key.range[0]))?.[0] ?? '')
      : first;
  }

  #put(start: number, end: number, text: string): void {
    this.splices.push({ start, end, text });
  }

  #column(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1);
  }

  /** The white space that the offset's line begins with. */
  #lineIndent(offset: number): string {
    const line = this.#text.slice(this.#text.lastIndexOf('\n', offset - 1) + 1, offset);
    return /^\s*/.exec(line)?.[0] ?? '';
  }

  /** Where the next line begins; a comment at the end of this one stays with it. */
  #lineAfter(offset: number): number {
    if (offset > 0 && this.#text[offset - 1] === '\n') return offset;
    const end = this.#text.indexOf('\n', offset);
    return end < 0 ? this.#text.length : end + 1;
  }
}

/** Fields match in any letter case, as Go's decoder reads them; the keys of a map do not. */
function pairOf(pairs: Pairs, key: string, isField: boolean): Pairs[number] | undefined {
  const named = (test: (name: string) => boolean): Pairs[number] | undefined =>
    pairs.find((pair) => isScalar(pair.key) && typeof pair.key.value === 'string' && test(pair.key.value));
  const exact = named((name) => name === key);
  return exact ?? (isField ? named((name) => name.toLowerCase() === key.toLowerCase()) : undefined);
}

function isFlow(map: { flow?: boolean | undefined }): boolean {
  return map.flow ?? false;
}

/** Where the last thing in a pair ends, comments behind it left out. */
function endOf({ key, value }: Pairs[number]): number {
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

/** The entries of a map, each line indented, the last one ended. */
function blockLines(patch: Patch, indent: string, eol: string): string {
  return formatYaml(plainObject(patch))
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line))
    .join(eol);
}

/** A value inside braces, over several lines where an indent is given. */
function flowText(value: Patch, indent: string | null, eol: string): string {
  if (typeof value === 'string') return formatJson(value);
  const text = formatJson(plainObject(value), indent === null ? 0 : 2);
  return text.split('\n').join(eol + (indent ?? ''));
}

/** Without quotes where it reads back as the same text, also by Go. */
function plain(value: string, inFlow: boolean): string {
  const text = formatYaml(value).replace(/\n$/, '');
  return text.includes('\n') || (inFlow && /[,[\]{}]/.test(text)) ? formatJson(value) : text;
}

function plainObject(patch: Patch): unknown {
  if (typeof patch === 'string') return patch;
  return Object.fromEntries([...patch].map(([key, value]) => [String(key), plainObject(value)]));
}
