/** Implements Go's `json.Unmarshal` into an `interface {}`. */
import { CallError, failCall, type Run } from '../function.ts';
import { quote } from '../quote.ts';
import { encodeRune, isAscii, isUtf8, runesOf, stringOf } from '../utf8.ts';
import { Dict, DICT, list, type Value } from '../value.ts';

/** The maximum nesting depth. Go stops at 10,000, which may exceed JavaScript's stack. */
const MAX_DEPTH = 1000;

/**
 * The parsed value. A number that is out of range causes an error, but the rest of the value is present, with nil in
 * its place.
 */
export interface Read {
  readonly value: Value;
  readonly error: CallError | undefined;
}

/** Parses one JSON value. Fails with Go's error message on a syntax error. */
export function readJson(text: string, run: Run): Read {
  const reader = new JsonReader(text, run);
  const value = reader.document();
  return { value, error: reader.error };
}

class JsonReader {
  readonly #text: string;
  readonly #run: Run;
  #at = 0;
  #depth = 0;
  /** The error for the first number that was out of range. */
  error: CallError | undefined;

  constructor(text: string, run: Run) {
    this.#text = text;
    this.#run = run;
  }

  document(): Value {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#unexpected('after top-level value');
    return value;
  }

  /** Fails at the next byte, between two tokens or in a string. */
  #unexpected(context: string): never {
    if (this.#at >= this.#text.length) return failCall('unexpected end of JSON input');
    return this.#broken(context);
  }

  /**
   * Fails at the next byte, within a token. At the end of the text, the error names a space, because Go appends one.
   */
  #broken(context: string): never {
    return failCall(`invalid character ${quoteByte(this.#text[this.#at] ?? ' ')} ${context}`);
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  /** Returns the next byte that is not white space. */
  #peek(): string | undefined {
    this.#skipSpace();
    return this.#text[this.#at];
  }

  #value(): Value {
    this.#run.step();
    switch (this.#peek()) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #nested(read: () => Value): Value {
    this.#at++;
    if (++this.#depth > MAX_DEPTH) failCall('exceeded max depth');
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Value {
    const entries = new Map<string, Value>();
    if (this.#peek() === '}') this.#at++;
    else {
      do {
        if (this.#peek() !== '"') this.#unexpected('looking for beginning of object key string');
        const key = this.#string();
        if (this.#peek() !== ':') this.#unexpected('after object key');
        this.#at++;
        this.#run.allocate(16);
        entries.set(key, this.#value());
      } while (this.#continues('}', 'after object key:value pair'));
    }
    return new Dict(DICT, entries);
  }

  #array(): Value {
    const items: Value[] = [];
    if (this.#peek() === ']') this.#at++;
    else {
      do {
        this.#run.allocate(16);
        items.push(this.#value());
      } while (this.#continues(']', 'after array element'));
    }
    return list(items);
  }

  /** Consumes a comma or the end. Returns whether it was a comma. */
  #continues(end: string, context: string): boolean {
    const next = this.#peek();
    if (next !== ',' && next !== end) this.#unexpected(context);
    this.#at++;
    return next === ',';
  }

  #literal<T extends Value>(word: string, value: T): T {
    for (let index = 0; index < word.length; index++, this.#at++) {
      if (this.#text[this.#at] !== word[index]) {
        this.#broken(`in literal ${word} (expecting '${word.charAt(index)}')`);
      }
    }
    return value;
  }

  #number(): Value {
    const start = this.#at;
    if (!/[-0-9]/.test(this.#text[this.#at] ?? '')) this.#unexpected('looking for beginning of value');
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
    const digits = this.#text.slice(start, this.#at);
    const value = Number(digits);
    if (Number.isFinite(value)) return value;
    this.error ??= new CallError(`json: cannot unmarshal number ${digits} into Go value of type float64`);
    return null;
  }

  #digits(context: string): void {
    const start = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at === start) this.#broken(context);
  }

  #string(): string {
    const start = ++this.#at;
    let plain = true;
    for (;;) {
      const byte = this.#text[this.#at];
      if (byte === '"') break;
      if (byte === undefined || byte < ' ') this.#unexpected('in string literal');
      this.#at++;
      if (byte === '\\') {
        plain = false;
        this.#escape();
      }
    }
    const inside = this.#text.slice(start, this.#at++);
    this.#run.step(inside.length >> 4);
    if (plain) return isAscii(inside) || isUtf8(inside) ? inside : stringOf(runesOf(inside));
    return unescape(inside);
  }

  /** Validates the characters after a backslash. */
  #escape(): void {
    const kind = this.#text[this.#at];
    if (kind === undefined || !/["\\/bfnrtu]/.test(kind)) this.#broken('in string escape code');
    this.#at++;
    if (kind !== 'u') return;
    for (let i = 0; i < 4; i++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) {
        this.#broken('in \\u hexadecimal character escape');
      }
      this.#at++;
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Decodes the escapes of a string. Replaces invalid UTF-8 and lone surrogates with U+FFFD. */
function unescape(inside: string): string {
  let out = '';
  for (const [piece] of inside.matchAll(/\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|[^\\]+/gs)) {
    if (!piece.startsWith('\\')) {
      out += isUtf8(piece) ? piece : stringOf(runesOf(piece));
    } else if (piece.startsWith('\\u')) {
      const high = parseInt(piece.slice(2, 6), 16);
      const low = piece.length > 6 ? parseInt(piece.slice(8), 16) : undefined;
      out += encodeRune(low === undefined ? high : (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000);
    } else {
      out += ESCAPES[piece.charAt(1)] ?? piece.charAt(1);
    }
  }
  return out;
}

/** Formats a byte as a Latin-1 character in single quotes. */
function quoteByte(byte: string): string {
  if (byte === "'") return "'\\''";
  if (byte === '"') return "'\"'";
  return `'${quote(encodeRune(byte.charCodeAt(0))).slice(1, -1)}'`;
}
