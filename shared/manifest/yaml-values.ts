import {
  EVENT_ID,
  getScalarValue,
  SCALAR_STYLE,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';
import { isObject } from '../api/reader.ts';
import type { YamlOptions } from './yaml-events.ts';
import { EventReader } from './yaml-event-reader.ts';
import { MapBuilder } from './yaml-map.ts';
import { plainValue, taggedValue, type ScalarValue } from './yaml-scalars.ts';
import { Tags } from './yaml-tags.ts';
import type { YamlText } from './yaml-text.ts';
import { YAML_WORDS } from './yaml-words.ts';

/** The maximum number of keys that merges (`<<`) may copy in all documents of a text. Nested merges multiply keys. */
const MAX_MERGED_KEYS = 100_000;
/** The maximum number of maps that one merge key may name. */
const MAX_MERGED_MAPS = 100;

/**
 * Returns the values of all documents of a text whose events `checkEvents` has accepted; empty documents are null. A
 * node and its aliases are the same object. Throws `YamlError` with the position.
 */
export function valuesOf(text: YamlText, options: YamlOptions = {}): unknown[] {
  const builder = new ValueBuilder(text, options);
  const values: unknown[] = [];
  while (!builder.atEnd) values.push(builder.document());
  return values;
}

class ValueBuilder {
  readonly #text: YamlText;
  readonly #events: EventReader;
  readonly #anchors = new Map<string, unknown>();
  readonly #localTags: boolean;
  #tags: Tags;
  #mergesLeft = MAX_MERGED_KEYS;

  constructor(text: YamlText, { localTags = false }: YamlOptions) {
    this.#text = text;
    this.#localTags = localTags;
    this.#events = new EventReader(text.events);
    this.#tags = new Tags(text.source, []);
  }

  get atEnd(): boolean {
    return this.#events.atEnd;
  }

  document(): unknown {
    const event = this.#events.take();
    this.#anchors.clear();
    this.#tags = new Tags(this.#text.source, event.type === EVENT_ID.DOCUMENT ? event.directives : []);
    const value = this.#node();
    this.#events.takeEnd();
    return value;
  }

  #node(): unknown {
    const event = this.#events.take();
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#anchored(event, this.#scalar(event));
      case EVENT_ID.SEQUENCE:
        return this.#list(event);
      case EVENT_ID.MAPPING:
        return this.#map(event);
      case EVENT_ID.ALIAS:
        return this.#anchors.get(this.#text.source.slice(event.anchorStart, event.anchorEnd));
      default:
        throw new Error('a node is missing');
    }
  }

  #scalar(event: ScalarEvent): ScalarValue {
    const text = getScalarValue(this.#text.source, event);
    const type = this.#tags.typeOf(event);
    if (type === '!' || (type === '' && this.#localTags)) return text;
    if (type === undefined) return event.style === SCALAR_STYLE.PLAIN ? plainValue(text) : text;
    const value = taggedValue(type, text);
    return value === undefined ? this.#fail('TAG_RESOLVE_FAILED', event.tagStart) : value;
  }

  #list(event: SequenceEvent): unknown[] {
    this.#refuseTag(event, 'seq');
    const list = this.#anchored(event, [] as unknown[]);
    while (!this.#events.takeEnd()) list.push(this.#node());
    return list;
  }

  #map(event: MappingEvent): object {
    this.#refuseTag(event, 'map');
    const builder = new MapBuilder();
    this.#anchored(event, builder.map);
    while (!this.#events.takeEnd()) {
      const keyEvent = this.#events.peek();
      const key = this.#node();
      const value = this.#node();
      const at = startOf(keyEvent, this.#text.source) ?? event.start;
      if (key === '<<' && this.#isMerge(keyEvent)) this.#merge(builder, value, at);
      else if (typeof key !== 'string') this.#fail('NON_STRING_KEY', at);
      else if (!builder.add(key, value)) this.#fail('DUPLICATE_KEY', at);
    }
    return builder.map;
  }

  /** Throws for a list or map that has the tag of something else. */
  #refuseTag(event: SequenceEvent | MappingEvent, type: string): void {
    const tag = this.#tags.typeOf(event) ?? type;
    if (!['!', type].includes(tag) && !(tag === '' && this.#localTags))
      this.#fail('TAG_RESOLVE_FAILED', event.tagStart);
  }

  /** Whether a key `<<` is a merge key: without quotes, or with the tag `!!merge`. */
  #isMerge(key: Event | undefined): boolean {
    if (key?.type !== EVENT_ID.SCALAR) return false;
    const type = this.#tags.typeOf(key);
    return type === 'merge' || (type === undefined && key.style === SCALAR_STYLE.PLAIN);
  }

  /** Merges a map or a list of maps. A map that comes first wins. */
  #merge(builder: MapBuilder, value: unknown, at: number): void {
    const maps: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (maps.length > MAX_MERGED_MAPS) this.#fail('BAD_MERGE', at);
    for (const map of maps) {
      if (!isObject(map)) return this.#fail('BAD_MERGE', at);
      this.#mergesLeft -= 1 + Object.keys(map).length;
      if (this.#mergesLeft < 0) this.#fail('TOO_MANY_MERGED', at);
      builder.merge(map);
    }
  }

  /** Remembers the value of a node that has an anchor, and returns it. */
  #anchored<T>({ anchorStart, anchorEnd }: { anchorStart: number; anchorEnd: number }, value: T): T {
    if (anchorStart >= 0) this.#anchors.set(this.#text.source.slice(anchorStart, anchorEnd), value);
    return value;
  }

  #fail(code: keyof typeof YAML_WORDS, offset: number): never {
    throw this.#text.error(YAML_WORDS[code], offset);
  }
}

/** Returns where a key starts, with its tag or anchor; undefined for a key that is missing. */
function startOf(event: Event | undefined, source: string): number | undefined {
  if (event?.type !== EVENT_ID.SCALAR) return undefined;
  const { tagStart, anchorStart, valueStart } = event;
  // `checkEvents` may have changed the style.
  const isQuoted = /["']/.test(source.charAt(valueStart - 1));
  return [tagStart, anchorStart - 1, isQuoted ? valueStart - 1 : valueStart].find((offset) => offset >= 0);
}
