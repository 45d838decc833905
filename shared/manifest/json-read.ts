import { MAX_DEPTH } from '../api/depth.ts';

/**
 * A strict JSON parser (RFC 8259) that does what JSON.parse cannot: it reads several consecutive documents, rejects
 * duplicate names, and reports only the position of an error, where JSON.parse quotes the input.
 */

/** A JSON syntax error and its offset in UTF-16 units. */
export class JsonError extends Error {
  readonly offset: number;
  readonly duplicate: boolean;

  constructor(problem: string, offset: number, duplicate = false) {
    super(problem);
    this.offset = offset;
    this.duplicate = duplicate;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** Parses all JSON documents of the text. Throws `JsonError`. */
export function parseJsonDocuments(text: string): unknown[] {
  const parser = new Parser(text);
  const documents: unknown[] = [];
  while (!parser.atEnd()) documents.push(parser.value(0));
  return documents;
}

/** Returns the start and end of each JSON document of the text, in UTF-16 units. Throws `JsonError`. */
export function jsonSpans(text: string): { readonly start: number; readonly end: number }[] {
  const parser = new Parser(text);
  const spans: { start: number; end: number }[] = [];
  while (!parser.atEnd()) {
    const start = parser.offset;
    parser.value(0);
    spans.push({ start, end: parser.offset });
  }
  return spans;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get offset(): number {
    return this.#at;
  }

  atEnd(): boolean {
    this.#take(SPACE);
    return this.#at >= this.#text.length;
  }

  value(depth: number): unknown {
    this.#take(SPACE);
    const opening = this.#text[this.#at];
    if (depth >= MAX_DEPTH && (opening === '{' || opening === '[')) {
      throw new JsonError(`nesting deeper than ${MAX_DEPTH}`, this.#at);
    }
    switch (opening) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): object {
    // The object has no prototype, so `__proto__` is an ordinary name.
    const object = Object.create(null) as Record<string, unknown>;
    this.#list('}', () => {
      this.#take(SPACE);
      const nameAt = this.#at;
      const name = this.#string();
      if (Object.hasOwn(object, name)) throw new JsonError('duplicate key', nameAt, true);
      this.#take(SPACE);
      this.#expect(':');
      object[name] = this.value(depth + 1);
    });
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#list(']', () => array.push(this.value(depth + 1)));
    return array;
  }

  #list(close: '}' | ']', element: () => void): void {
    this.#at++;
    this.#take(SPACE);
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      element();
      this.#take(SPACE);
      if (this.#text[this.#at] !== ',') break;
      this.#at++;
    }
    this.#expect(close);
  }

  #scalar(): unknown {
    if (this.#text[this.#at] === '"') return this.#string();
    const token = this.#take(NUMBER) ?? this.#take(WORD);
    if (token === undefined || token === '') throw new JsonError('a value is missing', this.#at);
    return JSON.parse(token);
  }

  #string(): string {
    const at = this.#at;
    const end = this.#text[at] === '"' ? this.#closingQuote(at + 1) : -1;
    if (end < 0) throw new JsonError('a string is missing or broken', at);
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(at, end + 1)) as string;
    } catch {
      throw new JsonError('a string is missing or broken', at);
    }
  }

  /** Returns the offset of the next quote that is not escaped by a backslash, or -1. */
  #closingQuote(from: number): number {
    for (let end = this.#text.indexOf('"', from); end >= 0; end = this.#text.indexOf('"', end + 1)) {
      let start = end;
      while (start > from && this.#text[start - 1] === '\\') start--;
      if ((end - start) % 2 === 0) return end;
    }
    return -1;
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw new JsonError(`"${character}" is missing`, this.#at);
    this.#at++;
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
