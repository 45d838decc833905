/** Implements Go's `json.Marshal`. */
import { LimitError } from '../budget.ts';
import { failCall, type Run } from '../function.ts';
import { formatFloat } from '../number.ts';
import { decodeRune, RUNE_ERROR } from '../utf8.ts';
import { BYTES, Dict, Integer, Slice, Struct, type Value } from '../value.ts';
import { Time } from './time.ts';
import { Version } from './version.ts';

/** The options of the output. */
export interface JsonStyle {
  /** Whether to escape `<`, `>` and `&`. */
  readonly html: boolean;
  /** Whether to put every element on its own line, indented by two spaces. */
  readonly indent: boolean;
}

/** Formats a value as JSON. Fails with Go's error message. */
export function writeJson(value: Value, style: JsonStyle, run: Run): string {
  return new JsonWriter(style, run).value(value, '\n');
}

/** The maximum nesting depth. A map may contain itself, which Go detects at this depth. */
const MAX_DEPTH = 1000;

class JsonWriter {
  readonly #style: JsonStyle;
  readonly #run: Run;
  readonly #above = new Set<Dict>();
  #depth = 0;

  constructor(style: JsonStyle, run: Run) {
    this.#style = style;
    this.#run = run;
  }

  /** `line` is a newline and the indentation of the enclosing value. */
  value(value: Value, line: string): string {
    this.#run.step();
    if (value === null) return 'null';
    switch (typeof value) {
      case 'boolean':
      case 'bigint':
        return String(value);
      case 'number':
        return formatNumber(value);
      case 'string':
        return this.#string(value);
      default:
        if (value instanceof Integer) return String(value.value);
        if (value instanceof Slice) return this.#slice(value, line);
        return value instanceof Dict ? this.#dict(value, line) : this.#struct(value, line);
    }
  }

  #slice(slice: Slice, line: string): string {
    if (slice.isNil) return 'null';
    if (BYTES.holds(slice)) {
      return `"${Buffer.from(slice.items.map((byte) => Number(byte.value))).toString('base64')}"`;
    }
    return this.#nested({ brackets: '[]', line, items: slice.items }, (item, inner) =>
      this.value(item, inner),
    );
  }

  #dict(dict: Dict, line: string): string {
    if (dict.isNil) return 'null';
    if (this.#depth > MAX_DEPTH && this.#above.has(dict)) {
      return failCall(`json: unsupported value: encountered a cycle via ${dict.type.name}`);
    }
    this.#above.add(dict);
    this.#run.step(dict.entries.size);
    const text = this.#nested({ brackets: '{}', line, items: dict.sortedKeys(this.#run) }, (key, inner) => {
      return this.#pair(key, dict.entries.get(key) ?? null, inner);
    });
    this.#above.delete(dict);
    return text;
  }

  #struct(struct: Struct, line: string): string {
    if (struct instanceof Time) return `"${timeJson(struct)}"`;
    if (struct instanceof Version) return this.#string(struct.text());
    return this.#nested({ brackets: '{}', line, items: struct.fields() }, ([name, value], inner) =>
      this.#pair(name, value, inner),
    );
  }

  #pair(key: string, value: Value, line: string): string {
    return `${this.#string(key)}:${this.#style.indent ? ' ' : ''}${this.value(value, line)}`;
  }

  #nested<T>(
    {
      brackets,
      line,
      items,
    }: { readonly brackets: '[]' | '{}'; readonly line: string; readonly items: readonly T[] },
    write: (item: T, line: string) => string,
  ): string {
    if (items.length === 0) return brackets;
    if (++this.#depth > MAX_DEPTH + 2) throw new LimitError(`a value is nested deeper than ${MAX_DEPTH}`);
    const inner = this.#style.indent ? `${line}  ` : '';
    let text = '';
    for (const item of items) {
      const written = `${text === '' ? '' : ','}${inner}${write(item, this.#style.indent ? inner : line)}`;
      this.#run.allocate(written.length);
      text += written;
    }
    this.#depth--;
    return `${brackets.charAt(0)}${text}${this.#style.indent ? line : ''}${brackets.charAt(1)}`;
  }

  #string(text: string): string {
    this.#run.step(text.length >> 4);
    if (/^[ !#-[\]-~]*$/.test(text) && !(this.#style.html && /[<>&]/.test(text))) return `"${text}"`;
    let out = '"';
    for (let at = 0; at < text.length;) {
      const [rune, size] = decodeRune(text, at);
      out += this.#rune(rune, text.slice(at, at + size));
      at += size;
    }
    return `${out}"`;
  }

  #rune(rune: number, bytes: string): string {
    if (rune === RUNE_ERROR && bytes.length === 1) return '\\ufffd';
    const named = NAMED[bytes];
    if (named !== undefined) return named;
    const html = this.#style.html && /^[<>&]$/.test(bytes);
    const escaped = rune < 0x20 || rune === 0x2028 || rune === 0x2029 || html;
    return escaped ? `\\u${rune.toString(16).padStart(4, '0')}` : bytes;
  }
}

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Formats a number as ECMAScript does. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return failCall(`json: unsupported value: ${formatFloat(value, 'g', -1)}`);
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return formatFloat(value, 'f', -1);
  return formatFloat(value, 'e', -1).replace(/e-0(\d)$/, 'e-$1');
}

function timeJson(time: Time): string {
  const problem = 'json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: ';
  const { year } = time.civil;
  if (year < 0 || year > 9999) failCall(`${problem}year outside of range [0,9999]`);
  if (Math.abs(time.zone.offset) >= 24 * 3600) failCall(`${problem}timezone hour outside of range [0,23]`);
  return time.format('2006-01-02T15:04:05.999999999Z07:00');
}
