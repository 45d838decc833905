import { fail } from '../../file-errors.ts';
import { fail as failKubernetes } from '../errors.ts';
import { BoundedTextBuffer, type BoundedText, type BoundedTextOptions } from './bounded-text.ts';
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './json-bytes.ts';

/** The most bytes of a list apart from its items. Kubernetes sends less than 1 KiB. */
const MAX_ENVELOPE = 64 * 1024;

/**
 * Splits a list of the Kubernetes API, `{"kind":…,"metadata":…,"items":[…]}`, into its items while it arrives, so
 * that at most one item is in memory. The fields may be in any order.
 *
 * The scanner only tracks strings and brackets. `JSON.parse` of each item and of the rest finds every other error.
 */
export class ListScanner {
  /** The operation, for errors, such as `list secrets`. */
  readonly #what: string;
  readonly #item: BoundedTextBuffer;
  #envelope = '';
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Whether the scanner is between the brackets of the items. */
  #inItems = false;
  #seenItems = false;
  /** Whether an item has ended with a comma. */
  #seenComma = false;
  #expectsKey = false;
  #keyStart = -1;
  #keyIsItems = false;

  constructor(what: string, options: BoundedTextOptions) {
    this.#what = what;
    this.#item = new BoundedTextBuffer(options);
  }

  /** How many bytes of an unfinished item are in memory. */
  get held(): number {
    return this.#item.length;
  }

  /** Takes the next chunk and returns the items that end in it. Throws `BadAnswer` if this cannot be a list. */
  push(chunk: Buffer): BoundedText[] {
    const items: BoundedText[] = [];
    // The first byte of the chunk that is not yet in an item or the envelope.
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      if (this.#inString) {
        index = this.#skipString(chunk, index);
        start = this.#afterString(chunk, start, index + 1);
        continue;
      }
      switch (chunk[index]) {
        case QUOTE:
          this.#inString = true;
          if (!this.#inItems && this.#depth === 1 && this.#expectsKey) {
            start = this.#toEnvelope(chunk, start, index);
            this.#keyStart = this.#envelope.length;
          }
          break;
        case OPEN_OBJECT:
          if (this.#depth === 0) this.#expectsKey = true;
          this.#depth++;
          break;
        case OPEN_LIST:
          this.#depth++;
          if (!this.#inItems && this.#depth === 2 && this.#keyIsItems) {
            start = this.#toEnvelope(chunk, start, index + 1);
            this.#inItems = true;
          }
          break;
        case CLOSE_LIST:
          if (this.#inItems && this.#depth === 2) {
            const last = this.#item.take(chunk, start, index);
            if (this.#seenComma || !isBlank(last)) items.push(last);
            start = index;
            this.#inItems = false;
          }
          this.#depth--;
          break;
        case CLOSE_OBJECT:
          if (this.#inItems && this.#depth === 2) this.#malformed();
          this.#depth--;
          break;
        case COMMA:
          if (this.#inItems && this.#depth === 2) {
            items.push(this.#item.take(chunk, start, index));
            start = index + 1;
            this.#seenComma = true;
          } else if (this.#depth === 1) {
            this.#expectsKey = true;
            this.#keyIsItems = false;
          }
          break;
        case COLON:
          if (this.#depth === 1) this.#expectsKey = false;
          break;
        default:
      }
    }
    if (this.#inItems) this.#item.append(chunk, start, chunk.length);
    else this.#toEnvelope(chunk, start, chunk.length);
    return items;
  }

  /** Returns the list without its items. Throws `BadAnswer` if it is truncated or not JSON. */
  end(): unknown {
    if (this.#inItems || this.#inString || this.#depth !== 0) this.#malformed();
    try {
      return JSON.parse(Buffer.from(this.#envelope, 'latin1').toString('utf8')) as unknown;
    } catch {
      return this.#malformed();
    }
  }

  /** Returns the index of the last byte of the string, or of the chunk. */
  #skipString(chunk: Buffer, from: number): number {
    let index = from;
    if (this.#escaped) {
      this.#escaped = false;
      index++;
    }
    for (; index < chunk.length; index++) {
      const byte = chunk[index];
      if (byte === QUOTE) {
        this.#inString = false;
        return index;
      }
      if (byte === BACKSLASH) index++;
    }
    // The escaped character is in the next chunk.
    this.#escaped = index > chunk.length;
    return chunk.length - 1;
  }

  /** Reads a key of the outermost object. Refuses a second `items`, since one list would hide the other. */
  #afterString(chunk: Buffer, start: number, end: number): number {
    if (this.#inString || this.#keyStart < 0) return start;
    this.#toEnvelope(chunk, start, end);
    const key = keyOf(this.#envelope.slice(this.#keyStart));
    this.#keyStart = -1;
    // `Reader` matches field names in any letter case, too.
    this.#keyIsItems = key?.toLowerCase() === 'items';
    if (this.#keyIsItems && this.#seenItems) this.#malformed();
    this.#seenItems ||= this.#keyIsItems;
    return end;
  }

  /** Adds bytes to the envelope, one Latin-1 character per byte, since a chunk may end within a UTF-8 character. */
  #toEnvelope(chunk: Buffer, start: number, end: number): number {
    if (this.#envelope.length + end - start > MAX_ENVELOPE) {
      fail({ code: 'TooLarge', at: `the answer to ${this.#what} without its items`, limit: '64 KiB' });
    }
    this.#envelope += chunk.toString('latin1', start, end);
    return end;
  }

  #malformed(): never {
    return failKubernetes({
      code: 'BadAnswer',
      what: this.#what,
      problem: 'the answer is not a list in JSON',
    });
  }
}

function keyOf(quoted: string): string | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(quoted, 'latin1').toString('utf8'));
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}

function isBlank(item: BoundedText): boolean {
  return item.complete && /^[ \t\r\n]*$/.test(item.text);
}
