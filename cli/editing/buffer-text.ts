import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import { decodeBase64 } from '../../shared/api/base64.ts';
import { isItemName } from '../../shared/api/item-name.ts';
import { checkEvents } from '../../shared/manifest/yaml-events.ts';
import { YamlText } from '../../shared/manifest/yaml-text.ts';
import { visible } from '../../shared/text.ts';
import { binaryEntry, textOf, yamlEntry } from '../known-values/format.ts';

/** Stands in the buffer for a value that stays as it is sealed. */
export const SEALED = '<sealed>';

/** The items of a buffer by name. The value is undefined if it stays as it is sealed. */
export type BufferItems = ReadonlyMap<string, Uint8Array | undefined>;

/** Formats items as the text to edit, one YAML entry each, below a comment. */
export function formatBuffer(comment: readonly string[], items: BufferItems): string {
  const lines = comment.map((line) => `${`# ${line}`.trimEnd()}\n`);
  const entries = items.size === 0 ? ['{}\n'] : [...items].map(entryOf);
  return [...lines, ...entries].join('');
}

function entryOf([item, value]: readonly [string, Uint8Array | undefined]): string {
  if (value === undefined) return yamlEntry([item, Buffer.from(SEALED)]);
  return textOf(value) === SEALED ? binaryEntry(item, value) : yamlEntry([item, value]);
}

/**
 * Parses an edited text: a map of items in YAML, in which every value is text and needs no quotes to be so, or base64
 * behind `!!binary`. Returns undefined if the text holds nothing but comments. Throws `YamlError`, without values, for
 * what could be misread: the value `<sealed>` for an item that is not `sealed`, anchors, other tags, and a comment behind
 * a value, which may be its end.
 *
 * @param sealed the names of the items that the file has
 */
export function parseBuffer(text: string, sealed: { has(item: string): boolean }): BufferItems | undefined {
  const yaml = new YamlText(text);
  checkEvents(yaml, { anchors: false });
  return new BufferReader(yaml, sealed).read();
}

class BufferReader {
  readonly #yaml: YamlText;
  readonly #sealed: { has(item: string): boolean };
  readonly #events: Iterator<Event, undefined>;

  constructor(yaml: YamlText, sealed: { has(item: string): boolean }) {
    this.#yaml = yaml;
    this.#sealed = sealed;
    this.#events = yaml.events.values();
  }

  read(): BufferItems | undefined {
    if (this.#next() === undefined) return undefined;
    const root = this.#next();
    if (root?.type === EVENT_ID.SCALAR && root.valueStart < 0) return undefined;
    if (root?.type === EVENT_ID.POP) return undefined;
    if (root?.type !== EVENT_ID.MAPPING)
      this.#fail('expected items and their values, as in KEY: VALUE', root);
    const items = this.#items();
    this.#next();
    const more = this.#next();
    if (more !== undefined) this.#fail('expected one document without ---', this.#next());
    return items;
  }

  #items(): BufferItems {
    const items = new Map<string, Uint8Array | undefined>();
    for (let event = this.#next(); event?.type === EVENT_ID.SCALAR; event = this.#next()) {
      const item = this.#textOf(event);
      if (event.tagStart >= 0) this.#fail('the name of an item cannot have a tag', event);
      if (!this.#sealed.has(item) && !isItemName(item))
        this.#fail('not a name of an item: it may have letters, digits, "-", "_" and "."', event);
      if (items.has(item)) this.#fail(`the item ${quoted(item)} is there twice`, event);
      const value = this.#next();
      if (value?.type !== EVENT_ID.SCALAR)
        return this.#fail(`the value of ${quoted(item)} is not text: put it in quotes, or behind |`, event);
      items.set(item, this.#valueOf(item, value));
    }
    return items;
  }

  #valueOf(item: string, event: ScalarEvent): Uint8Array | undefined {
    const { source } = this.#yaml;
    const text = this.#textOf(event);
    const tag = event.tagStart < 0 ? '!!str' : source.slice(event.tagStart, event.tagEnd);
    if (tag === '!!binary') {
      const decoded = decodeBase64(text.replaceAll(/\s/g, ''));
      return decoded.ok ? decoded.bytes : this.#fail(`the value of ${quoted(item)} is not base64`, event);
    }
    if (tag !== '!!str')
      this.#fail(`put the value of ${quoted(item)} in quotes, since it begins with !`, event);
    if (event.style === SCALAR_STYLE.PLAIN && /^[ \t]+#/.test(source.slice(event.valueEnd)))
      this.#fail(`put the value of ${quoted(item)} in quotes, since YAML ends it before #`, event);
    if (text !== SEALED) return Buffer.from(text);
    if (this.#sealed.has(item)) return undefined;
    return this.#fail(`the new item ${quoted(item)} has no value: nothing is sealed for it yet`, event);
  }

  #textOf(event: ScalarEvent): string {
    return event.valueStart < 0 ? '' : getScalarValue(this.#yaml.source, event);
  }

  #next(): Event | undefined {
    return this.#events.next().value;
  }

  #fail(problem: string, event: Event | undefined): never {
    throw this.#yaml.error(problem, offsetOf(event));
  }
}

/** Returns where an event is in the text, in UTF-16 units. */
function offsetOf(event: Event | undefined): number {
  if (event === undefined) return 0;
  if ('valueStart' in event) return Math.max(0, event.tagStart < 0 ? event.valueStart : event.tagStart);
  return 'start' in event ? event.start : 0;
}

function quoted(item: string): string {
  return JSON.stringify(visible(item));
}
