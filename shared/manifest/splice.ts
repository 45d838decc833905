import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { formatJson } from './escape.ts';
import { endOf, isFlow, lineAfter, pairOf, type Node, type Pairs } from './yaml-pairs.ts';
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
export function splicesFor(document: Document.Parsed, text: string, patch: PatchMap): Splice[] {
  const splicer = new Splicer(text);
  const settings = settingsOf(patch);
  if (settings.size > 0) splicer.into(document.contents, settings);
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

  into(node: Node | null, patch: SettingMap): void {
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
    const added: [string, Setting][] = [];
    for (const [key, value] of patch) {
      const pair = pairOf(map.items, String(key), typeof value !== 'string');
      if (pair) this.#set(map, pair, value);
      else added.push([String(key), value]);
    }
    for (const [key, value] of added.sort(([a], [b]) => (a < b ? -1 : 1))) this.#insert(map, key, value);
  }

  #set(map: YAMLMap, pair: Pairs[number], value: Setting): void {
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

  /** Sets a value that is missing or empty. */
  #fill(map: YAMLMap, pair: Pairs[number], value: Setting): void {
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

  /** Keeps a single-line value in a block scalar as a block scalar; quotes any other value. */
  #blockScalar(source: string, value: string): string {
    const [header = '', content = ''] = source.split(/\r?\n/, 2);
    const indent = /^ */.exec(content)?.[0] ?? '';
    if (indent === '' || !/^[!-~][ -~]*$/.test(value)) return formatJson(value) + this.#eol;
    return `${header.replace(/[0-9+-]+/, '').replace(/[|>]/, '$&-')}${this.#eol}${indent}${value}${this.#eol}`;
  }

  /** Inserts at the sorted position if the existing keys are sorted, otherwise at the end. */
  #insert(map: YAMLMap.Parsed, key: string, value: Setting): void {
    const pairs = map.items;
    const keys = pairs.map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''));
    const inOrder = keys.every((name, i) => i === 0 || (keys[i - 1] ?? '') <= name);
    const before = inOrder ? keys.filter((name) => name < key).length : keys.length;
    const [first] = pairs;
    if (!first) throw new CannotSplice();
    if (isFlow(map)) this.#insertFlow({ pairs, before }, key, value);
    else this.#insertBlock({ first, previous: pairs[before - 1] }, key, value);
  }

  #insertBlock(
    { first, previous }: { readonly first: Pairs[number]; readonly previous: Pairs[number] | undefined },
    key: string,
    value: Setting,
  ): void {
    const column = this.#column(first.key.range[0]);
    const lines = blockLines(new Map([[key, value]]), ' '.repeat(column), this.#eol);
    if (!previous) {
      // The first key may follow a list dash on the same line.
      this.#put(first.key.range[0], first.key.range[0], lines.trimStart() + ' '.repeat(column));
      return;
    }
    const at = lineAfter(this.#text, endOf(previous));
    if (at === this.#text.length && !this.#text.endsWith('\n'))
      this.#put(at, at, this.#eol + lines.trimEnd());
    else this.#put(at, at, lines);
  }

  #insertFlow(
    { pairs, before }: { readonly pairs: Pairs; readonly before: number },
    key: string,
    value: Setting,
  ): void {
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

  /** Returns the white space between the last key and the preceding comma or brace. */
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

  /** Returns the leading white space of the line that contains the offset. */
  #lineIndent(offset: number): string {
    const line = this.#text.slice(this.#text.lastIndexOf('\n', offset - 1) + 1, offset);
    return /^\s*/.exec(line)?.[0] ?? '';
  }
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
