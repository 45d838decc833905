import { formatJson } from './escape.ts';
import { pairOf, type MapNode, type Node, type Pair, type ScalarNode } from './yaml-tree.ts';
import { formatYaml } from './yaml-write.ts';

/** In a patch, the mark of a key to remove, together with its value. */
export const REMOVED: unique symbol = Symbol('removed');

/**
 * The strings to set and the keys to remove, by their path in a document. Missing maps along a path are created for a
 * string; a key to remove must be there.
 */
export type Patch = string | typeof REMOVED | PatchMap;
/** The part of a patch that applies to one map or list, by key or index. */
export type PatchMap = ReadonlyMap<string | number, Patch>;

/** The strings that a patch sets. */
type Setting = string | SettingMap;
type SettingMap = ReadonlyMap<string | number, Setting>;

/** A range of a text and its replacement. Offsets are in UTF-16 units. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Thrown when a patch would change more than it names, for example through an alias. */
export class CannotSplice extends Error {}

/**
 * Returns the splices that set the strings of a patch in one document and keep every other byte. `removalsFor` removes
 * keys. Throws `CannotSplice`.
 */
export function splicesFor(document: Node, text: string, patch: PatchMap): Splice[] {
  const splicer = new Splicer(text);
  const settings = settingsOf(patch);
  if (settings.size > 0) splicer.into(document, settings);
  return splicer.splices;
}

/** Returns a patch without the keys to remove, and without the maps that hold nothing else. */
function settingsOf(patch: PatchMap): SettingMap {
  const settings = new Map<string | number, Setting>();
  for (const [key, value] of patch) {
    if (value === REMOVED) continue;
    const setting = typeof value === 'string' ? value : settingsOf(value);
    const hadRemovals = typeof value !== 'string' && value.size > 0;
    if (!hadRemovals || typeof setting === 'string' || setting.size > 0) settings.set(key, setting);
  }
  return settings;
}

/** Applies splices that do not overlap. Splices at the same offset are applied in the given order. */
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

  into(node: Node, patch: SettingMap): void {
    if (node.kind === 'list') {
      for (const [index, value] of patch) {
        const item = typeof index === 'number' ? node.items[index] : undefined;
        if (typeof value === 'string' || !item) throw new CannotSplice();
        this.into(item, value);
      }
      return;
    }
    if (node.kind !== 'map') throw new CannotSplice();
    const added: [string, Setting][] = [];
    for (const [key, value] of patch) {
      const pair = pairOf(node.pairs, String(key), typeof value !== 'string');
      if (pair) this.#set(node, pair, value);
      else added.push([String(key), value]);
    }
    for (const [key, value] of added.sort(([a], [b]) => (a < b ? -1 : 1))) this.#insert(node, key, value);
  }

  #set(map: MapNode, pair: Pair, value: Setting): void {
    const old = pair.value;
    if (old.kind === 'alias') throw new CannotSplice();
    if (typeof value === 'string' && old.kind !== 'scalar') throw new CannotSplice();
    if (isEmpty(old)) this.#fill(map, pair, value);
    else if (typeof value !== 'string') this.into(old, value);
    else if (old.kind === 'scalar') this.#replace(map, old, value);
  }

  /** Sets a value that is missing or empty. */
  #fill(map: MapNode, pair: Pair, value: Setting): void {
    // In block style, only a key behind a question mark has no colon.
    if (!map.isFlow && !pair.hasColon) throw new CannotSplice();
    if (map.isFlow || typeof value === 'string') this.#fillInLine(map, pair, value);
    else this.#fillBlock(map, pair.value, value);
  }

  #fillInLine(map: MapNode, { key, hasColon, value: old }: Pair, value: Setting): void {
    const { start, end } = hasColon ? old : { start: key.end, end: key.end };
    const colon = hasColon ? '' : ':';
    const space = hasColon && /\s/.test(this.#text[start - 1] ?? '') ? '' : ' ';
    const indent = this.#text.slice(map.start, map.end).includes('\n') ? this.#lineIndent(start) : null;
    const text = typeof value === 'string' ? plain(value, map.isFlow) : flowText(value, indent, this.#eol);
    const behind = this.#text[end] === '#' ? ' ' : '';
    this.#put(start, end, colon + space + text + behind);
  }

  #fillBlock(map: MapNode, old: Node, value: Setting): void {
    const lines = blockLines(value, ' '.repeat(this.#column(map.start) + 2), this.#eol);
    if (isMissing(old) && this.#text[old.end] === '#') {
      this.#putLines(old.end, lines);
      return;
    }
    let from = old.start;
    while (this.#text[from - 1] === ' ') from--;
    this.#put(from, old.end, this.#eol + lines.trimEnd());
  }

  #replace(map: MapNode, { style, start, end }: ScalarNode, value: string): void {
    if (style === 'block') {
      this.#put(start, end, this.#blockScalar(this.#text.slice(start, end), value));
    } else if (style === 'double-quoted') {
      this.#put(start, end, formatJson(value));
    } else if (style === 'single-quoted' && /^[ -~]*$/.test(value)) {
      this.#put(start, end, `'${value.replaceAll("'", "''")}'`);
    } else {
      this.#put(start, end, plain(value, map.isFlow));
    }
  }

  /** Keeps a single-line value in a block scalar as a block scalar; quotes any other value. */
  #blockScalar(source: string, value: string): string {
    const [header = '', content = ''] = source.split(/\r?\n/, 2);
    const indent = /^ */.exec(content)?.[0] ?? '';
    if (indent === '' || !/^[!-~][ -~]*$/.test(value)) return formatJson(value) + this.#eol;
    return `${header.replace(/[0-9+-]+/, '').replace(/[|>]/, '$&-')}${this.#eol}${indent}${value}${this.#eol}`;
  }

  /** Inserts at the sorted position if the existing keys are sorted, otherwise at the end. */
  #insert(map: MapNode, key: string, value: Setting): void {
    const { pairs } = map;
    const keys = pairs.map(({ name }) => name ?? '<<');
    const inOrder = keys.every((name, i) => i === 0 || (keys[i - 1] ?? '') <= name);
    const before = inOrder ? keys.filter((name) => name < key).length : keys.length;
    if (pairs.length === 0) throw new CannotSplice();
    if (map.isFlow) this.#insertFlow({ pairs, before }, key, value);
    else this.#insertBlock({ map, previous: pairs[before - 1] }, key, value);
  }

  #insertBlock(
    { map, previous }: { readonly map: MapNode; readonly previous: Pair | undefined },
    key: string,
    value: Setting,
  ): void {
    const indent = ' '.repeat(this.#column(map.start));
    const lines = blockLines(new Map([[key, value]]), indent, this.#eol);
    // The first key may follow a list dash on the same line.
    if (!previous) this.#put(map.start, map.start, lines.trimStart() + indent);
    else this.#putLines(previous.value.end, lines);
  }

  #insertFlow(
    { pairs, before }: { readonly pairs: readonly Pair[]; readonly before: number },
    key: string,
    value: Setting,
  ): void {
    const start = pairs[0]?.key.start ?? 0;
    const gap = this.#gapBefore(pairs);
    const indent = gap.includes('\n') ? this.#lineIndent(start) : null;
    const entry = formatJson(key) + this.#colonOf(pairs.at(-1)) + flowText(value, indent, this.#eol);
    const previous = pairs[before - 1]?.value.end;
    // Some readers take a colon with a comma behind it for text.
    const space = previous !== undefined && this.#text[previous - 1] === ':' ? ' ' : '';
    if (previous !== undefined) this.#put(previous, previous, `${space},${gap}${entry}`);
    else this.#put(start, start, `${entry},${gap}`);
  }

  /** Returns the colon of a pair and the white space around it. */
  #colonOf(pair: Pair | undefined): string {
    const text = pair && !isMissing(pair.value) ? this.#text.slice(pair.key.end, pair.value.start) : '';
    return /^\s*:\s*$/.test(text) ? text : ': ';
  }

  /** Returns the white space before the last key. That of an only key counts if it is on a line of its own. */
  #gapBefore(pairs: readonly Pair[]): string {
    const before = this.#text.slice(0, pairs.at(-1)?.key.start ?? 0);
    const space = before.slice(before.trimEnd().length);
    return pairs.length > 1 || space.includes('\n') ? space : ' ';
  }

  /** Inserts lines behind the line of an offset, which may be the last one and have no line break. */
  #putLines(offset: number, lines: string): void {
    const at = lineAfter(this.#text, offset);
    const isUnfinished = at === this.#text.length && !this.#text.endsWith('\n');
    this.#put(at, at, isUnfinished ? this.#eol + lines.trimEnd() : lines);
  }

  #put(start: number, end: number, text: string): void {
    this.splices.push({ start, end, text });
  }

  #column(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1);
  }

  /** Returns the leading white space of the line that contains the offset. */
  #lineIndent(offset: number): string {
    const line = this.#text.slice(this.#text.lastIndexOf('\n', offset - 1) + 1, offset);
    return /^\s*/.exec(line)?.[0] ?? '';
  }
}

/** Whether a value is null, or a collection without items. */
function isEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'alias':
      return false;
    case 'scalar':
      return node.isNull;
    case 'list':
      return node.items.length === 0;
    case 'map':
      return node.pairs.length === 0;
  }
}

function isMissing(node: Node): boolean {
  return node.kind === 'scalar' && node.style === 'missing';
}

/** Returns the start of the line after an offset, or the offset itself if a line starts there. */
export function lineAfter(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Formats the entries of a map as indented lines, each with a line ending. */
function blockLines(patch: Setting, indent: string, eol: string): string {
  return formatYaml(plainObject(patch))
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line))
    .join(eol);
}

/** Formats a value for a flow collection, on several lines if an indent is given. */
function flowText(value: Setting, indent: string | null, eol: string): string {
  if (typeof value === 'string') return formatJson(value);
  const text = formatJson(plainObject(value), indent === null ? 0 : 2);
  return text.split('\n').join(eol + (indent ?? ''));
}

/** Formats a value without quotes if both this project and Go read it back as the same text. */
function plain(value: string, inFlow: boolean): string {
  const text = formatYaml(value).replace(/\n$/, '');
  return text.includes('\n') || (inFlow && /[,[\]{}]/.test(text)) ? formatJson(value) : text;
}

function plainObject(patch: Setting): unknown {
  if (typeof patch === 'string') return patch;
  return Object.fromEntries([...patch].map(([key, value]) => [String(key), plainObject(value)]));
}
