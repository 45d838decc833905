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

/** The longest string that is kept, in bytes. Names and versions of Kubernetes objects are far shorter. */
const MAX_TEXT = 1_024;

/**
 * Finds a few short strings in a JSON text of any size without keeping the text, such as the name of an object that is
 * too large to read. Takes the text in chunks and does not check that it is valid JSON.
 *
 * @example
 * const head = new JsonHead([['metadata', 'name']]);
 * head.push(Buffer.from('{"metadata":{"na'));
 * head.push(Buffer.from('me":"db"}}'));
 * head.string('metadata', 'name'); // 'db'
 */
export class JsonHead {
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Map<string, string>();
  /** The deepest level with a wanted string. Below it, only the depth is tracked. */
  readonly #levels: number;
  /** The keys that lead to the current position; an empty string for a list. Index 0 is the outermost level. */
  readonly #path: string[] = [];
  readonly #isObject: boolean[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;
  #expectsKey = false;
  #text: number[] = [];
  #tooLong = false;

  /** @param wanted the paths of the strings to find, each as the keys that lead to it */
  constructor(wanted: readonly (readonly string[])[]) {
    this.#wanted = new Set(wanted.map(pathKey));
    this.#levels = Math.max(...wanted.map((path) => path.length));
  }

  /** Returns the string at the path; undefined if none was found yet or it is longer than 1,024 bytes. */
  string(...path: string[]): string | undefined {
    return this.#found.get(pathKey(path));
  }

  /** Takes the next chunk of the text. */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#inString) this.#inside(byte);
      else this.#outside(byte);
    }
  }

  #inside(byte: number): void {
    if (!this.#escaped && byte === QUOTE) {
      this.#inString = false;
      if (this.#depth <= this.#levels) this.#endString();
      return;
    }
    this.#escaped = !this.#escaped && byte === BACKSLASH;
    if (this.#depth > this.#levels) return;
    if (this.#text.length < MAX_TEXT) this.#text.push(byte);
    else this.#tooLong = true;
  }

  #outside(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        this.#text = [];
        this.#tooLong = false;
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        this.#isObject[this.#depth] = byte === OPEN_OBJECT;
        this.#path[this.#depth] = '';
        this.#depth++;
        this.#expectsKey = byte === OPEN_OBJECT;
        if (this.#depth > this.#levels) this.#isObject.length = this.#path.length = this.#levels;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (this.#depth > 0) this.#depth--;
        this.#expectsKey = false;
        break;
      case COMMA:
        this.#expectsKey = this.#isObject[this.#depth - 1] ?? false;
        break;
      case COLON:
        this.#expectsKey = false;
        break;
    }
  }

  #endString(): void {
    const level = this.#depth - 1;
    const text = this.#tooLong ? undefined : unquoted(this.#text);
    if (this.#expectsKey) {
      this.#path[level] = text ?? '';
      return;
    }
    const path = pathKey(this.#path.slice(0, this.#depth));
    if (text !== undefined && this.#wanted.has(path)) this.#found.set(path, text);
  }
}

/** Returns a map key for a path. Unique for any characters in the path. */
function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

function unquoted(bytes: readonly number[]): string | undefined {
  try {
    const text: unknown = JSON.parse(`"${Buffer.from(bytes).toString('utf8')}"`);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
