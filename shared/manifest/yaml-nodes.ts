import {
  CHOMPING_MODE,
  COLLECTION_STYLE,
  EVENT_ID,
  getScalarValue,
  SCALAR_STYLE,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';
import { EventReader } from './yaml-event-reader.ts';
import { GapScanner, isBreak } from './yaml-gaps.ts';
import { isNull } from './yaml-scalars.ts';
import type { ListNode, MapNode, Node, Pair, Range, ScalarNode, ScalarStyle } from './yaml-tree.ts';
import { YamlText } from './yaml-text.ts';

/**
 * Returns the root node of each document of a text, in the order of `parseYamlDocuments`, which must accept the text.
 * Throws `YamlError` for text that js-yaml rejects.
 */
export function parseYamlNodes(text: string): Node[] {
  return new NodeBuilder(new YamlText(text)).documents();
}

const STYLES: Readonly<Record<ScalarEvent['style'], ScalarStyle>> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single-quoted',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double-quoted',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'block',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'block',
};

/**
 * Builds nodes from the events of js-yaml. Events have the positions of scalars and of the start of collections; what
 * lies between them is found in the text. It recurses, as js-yaml does, which limits the depth.
 */
class NodeBuilder {
  readonly #text: YamlText;
  readonly #source: string;
  readonly #events: EventReader;
  readonly #gaps: GapScanner;

  constructor(text: YamlText) {
    this.#text = text;
    this.#source = text.source;
    this.#events = new EventReader(text.events);
    this.#gaps = new GapScanner(text.source);
  }

  documents(): Node[] {
    const roots: Node[] = [];
    while (!this.#events.atEnd) {
      this.#events.take();
      roots.push(this.#node());
      this.#events.takeEnd();
    }
    return roots;
  }

  #node(): Node {
    const event = this.#events.take();
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event);
      case EVENT_ID.ALIAS:
        this.#gaps.position = event.anchorEnd;
        return { kind: 'alias', ...this.#rangeFrom(event.anchorStart - 1) };
      case EVENT_ID.SEQUENCE:
        return this.#list(event);
      case EVENT_ID.MAPPING:
        return this.#map(event);
      default:
        throw new Error('a node is missing');
    }
  }

  #list(event: SequenceEvent): ListNode {
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    const items: Node[] = [];
    this.#gaps.position = isFlow ? event.start + 1 : event.start;
    while (!this.#events.takeEnd()) {
      if (!isFlow) this.#gaps.pass('-');
      items.push(this.#node());
    }
    if (isFlow) this.#gaps.pass(']');
    return { kind: 'list', isFlow, items, ...this.#rangeFrom(event.start) };
  }

  #map(event: MappingEvent): MapNode {
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    // A pair in a list needs no braces: `[a: b]`.
    const hasBraces = isFlow && this.#source.charAt(event.start) === '{';
    const pairs: Pair[] = [];
    this.#gaps.position = hasBraces ? event.start + 1 : event.start;
    while (!this.#events.takeEnd()) {
      const name = this.#nameOf(this.#events.peek());
      const key = this.#node();
      const hasColon = this.#gaps.passColon(isFlow);
      pairs.push({ name, key, hasColon, value: this.#node() });
    }
    if (hasBraces) this.#gaps.pass('}');
    return { kind: 'map', isFlow, pairs, ...this.#rangeFrom(event.start) };
  }

  #nameOf(key: Event | undefined): string | undefined {
    if (key?.type !== EVENT_ID.SCALAR) return undefined;
    const name = getScalarValue(this.#source, key);
    const isMerge = name === '<<' && key.style === SCALAR_STYLE.PLAIN && key.tagStart < 0;
    return isMerge ? undefined : name;
  }

  #scalar(event: ScalarEvent): ScalarNode {
    const { valueStart, valueEnd, anchorEnd, tagStart, tagEnd } = event;
    this.#gaps.position = Math.max(this.#gaps.position, anchorEnd, tagEnd);
    if (valueStart < 0) {
      this.#gaps.passBlanks();
      return { kind: 'scalar', style: 'missing', isNull: true, ...this.#rangeFrom(this.#gaps.position) };
    }
    const style = STYLES[event.style];
    const isPlain = style === 'plain';
    let start = valueStart;
    if (style === 'block') {
      // Directives before a document that is a block scalar may mislead this. Nothing can be edited in such a document.
      this.#gaps.seek('|>');
      start = this.#gaps.position;
      this.#gaps.position = endOfBlock(this.#source, event);
    } else {
      const quote = isPlain ? 0 : 1;
      start -= quote;
      this.#gaps.position = valueEnd + quote;
    }
    const isUnset = isPlain && tagStart < 0 && isNull(this.#source.slice(valueStart, valueEnd));
    return { kind: 'scalar', style, isNull: isUnset, ...this.#rangeFrom(start) };
  }

  /** Returns the range from an offset of the source to the end of the node just read, in offsets of the text. */
  #rangeFrom(start: number): Range {
    return {
      start: this.#text.originalOffset(start),
      end: this.#text.originalOffset(this.#gaps.position),
    };
  }
}

/** Returns the end of a block scalar, without the empty lines at its end that are not part of its value. */
function endOfBlock(source: string, { valueStart, valueEnd, indent, chomping }: ScalarEvent): number {
  if (chomping === CHOMPING_MODE.KEEP) return valueEnd;
  let end = valueEnd;
  while (end > valueStart) {
    const lineEnd = end - (source.startsWith('\r\n', end - 2) ? 2 : isBreak(source[end - 1]) ? 1 : 0);
    let start = lineEnd;
    while (start > valueStart && source[start - 1] === ' ') start--;
    const isEmpty =
      (start === valueStart || isBreak(source[start - 1])) && lineEnd - start <= Math.max(indent, 0);
    if (!isEmpty) break;
    end = start;
  }
  return end;
}
