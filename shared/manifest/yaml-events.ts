import { EVENT_ID, SCALAR_STYLE, type AliasEvent, type Event, type ScalarEvent } from 'js-yaml';
import { MAX_DEPTH } from '../api/depth.ts';
import { isCanonicalKey } from './go-numbers.ts';
import type { YamlText } from './yaml-text.ts';
import { TOO_DEEP, YAML_WORDS } from './yaml-words.ts';

/**
 * The maximum number of aliases per document. Aliases inside an aliased node count each time the node is repeated.
 */
const MAX_ALIASES = 1000;
/** The maximum expansion by aliases in all documents of a text: UTF-16 units of scalars, plus one per node. */
const MAX_EXPANSION = 16 * 1024 * 1024;
/** The largest code point, as eight hexadecimal digits. */
const MAX_CODE_POINT = '0010ffff';

/** Options of the YAML parser. */
export interface YamlOptions {
  /** Whether to accept anchors and aliases; true by default. Aliases multiply the nodes they refer to. */
  readonly anchors?: boolean;
  /** Whether to read what has a tag of some program, such as `!vault`, as if it had none; false by default. */
  readonly localTags?: boolean;
}

/** A node with its aliases expanded. */
interface Node {
  /** UTF-16 units of scalars, plus one per node. */
  size: number;
  aliases: number;
  /** The nesting depth of maps and lists. */
  height: number;
  /** Whether the node has not ended yet. An alias to an open node would make it contain itself. */
  open: boolean;
}

/** A document, map or list that has not ended yet. */
interface Collection extends Node {
  readonly isMap: boolean;
  /** Whether the next node in the map is a key. */
  keyIsNext: boolean;
}

/**
 * Checks the events of a text before objects are created from them. Rejects documents that are nested too deeply,
 * contain themselves through an alias, or expand too much through aliases (CVE-2003-1564). Rejects keys that are
 * maps, lists or aliases, and marks keys that are canonical numbers as strings. Does not recurse. Throws `YamlError`
 * with the position.
 */
export function checkEvents(text: YamlText, { anchors = true }: YamlOptions): void {
  const checker = new Checker(text, anchors);
  for (const event of text.events) checker.check(event);
}

class Checker {
  readonly #text: YamlText;
  readonly #source: string;
  readonly #allowsAnchors: boolean;
  readonly #open: Collection[] = [];
  readonly #anchors = new Map<string, Node>();
  #left = MAX_EXPANSION;

  constructor(text: YamlText, allowsAnchors: boolean) {
    this.#text = text;
    this.#source = text.source;
    this.#allowsAnchors = allowsAnchors;
  }

  check(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (event.directives.some((directive) => directive.kind === 'yaml' && directive.version !== '1.1'))
          this.#fail(YAML_WORDS.WRONG_VERSION, this.#source.search(/^%YAML/m));
        this.#anchors.clear();
        this.#begin({ isMap: false });
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        if (this.#isKey()) this.#fail(YAML_WORDS.NON_STRING_KEY, event.start);
        if (this.#open.length > MAX_DEPTH) this.#fail(TOO_DEEP, event.start);
        const collection = this.#begin({ isMap: event.type === EVENT_ID.MAPPING });
        this.#anchor(event, collection);
        break;
      }
      case EVENT_ID.SCALAR:
        this.#scalar(event);
        break;
      case EVENT_ID.ALIAS:
        this.#alias(event);
        break;
      case EVENT_ID.POP:
        this.#end();
    }
  }

  #begin({ isMap }: { isMap: boolean }): Collection {
    const collection = { isMap, keyIsNext: isMap, size: 1, aliases: 0, height: 0, open: true };
    this.#open.push(collection);
    return collection;
  }

  #end(): void {
    const ended = this.#open.pop();
    if (ended === undefined) return;
    ended.open = false;
    ended.height += 1;
    this.#add(ended);
  }

  /** Adds a finished node to its parent. */
  #add({ size, aliases, height }: Node): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) return;
    parent.size += size;
    parent.aliases += aliases;
    parent.height = Math.max(parent.height, height);
  }

  /** Whether the current node is a key. Must be called exactly once per node. */
  #isKey(): boolean {
    const parent = this.#open.at(-1);
    if (!parent?.isMap) return false;
    parent.keyIsNext = !parent.keyIsNext;
    return !parent.keyIsNext;
  }

  #scalar(event: ScalarEvent): void {
    const { valueStart, valueEnd, anchorStart, tagStart, style, fast } = event;
    const node = { size: 1 + valueEnd - valueStart, aliases: 0, height: 0, open: false };
    if (this.#isKey() && style === SCALAR_STYLE.PLAIN && anchorStart < 0 && tagStart < 0) {
      if (isCanonicalKey(this.#source.slice(valueStart, valueEnd))) event.style = SCALAR_STYLE.SINGLE_QUOTED;
    }
    if (style === SCALAR_STYLE.DOUBLE_QUOTED && !fast) this.#checkEscapes(valueStart, valueEnd);
    this.#anchor(event, node);
    this.#add(node);
  }

  /** Rejects escapes beyond the last code point: the parser accepts any eight digits. */
  #checkEscapes(start: number, end: number): void {
    const value = this.#source.slice(start, end);
    for (const { index, 1: digits } of value.matchAll(/\\(?:U([0-9a-fA-F]{8})|[^])/g)) {
      if (digits !== undefined && digits.toLowerCase() > MAX_CODE_POINT)
        this.#fail(YAML_WORDS.BAD_DQ_ESCAPE, start + index);
    }
  }

  #anchor({ anchorStart, anchorEnd }: { anchorStart: number; anchorEnd: number }, node: Node): void {
    if (anchorStart < 0) return;
    if (!this.#allowsAnchors) this.#fail('anchors and aliases are not allowed', anchorStart - 1);
    this.#anchors.set(this.#source.slice(anchorStart, anchorEnd), node);
  }

  #alias({ anchorStart, anchorEnd }: AliasEvent): void {
    const at = anchorStart - 1;
    if (!this.#allowsAnchors) this.#fail('anchors and aliases are not allowed', at);
    const target = this.#anchors.get(this.#source.slice(anchorStart, anchorEnd));
    if (target === undefined) return this.#fail('unknown alias', at);
    if (target.open) this.#fail('an alias refers to a value that contains it', at);
    if (this.#isKey()) this.#fail(YAML_WORDS.NON_STRING_KEY, at);
    // The open nodes include the document itself.
    if (this.#open.length - 1 + target.height > MAX_DEPTH) this.#fail(TOO_DEEP, at);
    this.#add({ ...target, aliases: target.aliases + 1 });
    this.#left -= target.size;
    const repeated = this.#open.reduce((sum, { aliases }) => sum + aliases, 0);
    if (repeated > MAX_ALIASES || this.#left < 0) this.#fail('aliases expand to too much', at);
  }

  #fail(problem: string, offset: number): never {
    throw this.#text.error(problem, offset);
  }
}
