/** Prints a value as Go's `fmt` does for a verb and its flags. */
import { LimitError } from './budget.ts';
import type { Run } from './function.ts';
import { formatFloat, type FloatFormat } from './number.ts';
import { codePointText, integerText, runeFrom, withPoint, type Base, type Flags } from './number-verbs.ts';
import { canBackquote, quote, quoteRune } from './quote.ts';
import { decodeRune, encodeRune, runeCount } from './utf8.ts';
import { BYTES, Dict, Integer, Slice, Struct, typeOf, type Value } from './value.ts';

/** The maximum nesting depth of a value. A map that contains itself exceeds it; in Go it overflows the stack. */
const DEEPEST = 1000;

/** Prints values into `text`, each with the flags that are set. */
export class Printer implements Flags {
  /** The output so far. */
  text = '';
  plus = false;
  minus = false;
  sharp = false;
  space = false;
  zero = false;
  /** The flags of `%+v` and `%#v`, which differ in meaning from `plus` and `sharp`. */
  plusV = false;
  sharpV = false;
  width: number | undefined;
  precision: number | undefined;
  readonly #run: Run;
  #announced = 1024;
  /** Whether `%!verb(…)` is being printed. No methods are called inside it. */
  #erroring = false;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Clears all flags, the width and the precision. */
  clear(): void {
    this.plus = this.minus = this.sharp = this.space = this.zero = this.plusV = this.sharpV = false;
    this.width = this.precision = undefined;
  }

  /** Appends text, and counts the memory of the output as it grows. */
  write(text: string): void {
    this.text += text;
    if (this.text.length > this.#announced) {
      this.#run.allocate(this.text.length);
      this.#announced = this.text.length * 2;
    }
  }

  /** Prints an argument of `printf` under a verb. */
  printArgument(arg: Value, verb: string): void {
    this.#run.step();
    if (arg === null) {
      if (verb === 'T' || verb === 'v') this.#pad('<nil>');
      else this.#badVerb(null, verb);
    } else if (verb === 'T') {
      this.#string(typeOf(arg).name, 's');
    } else if (verb === 'p') {
      this.#pointer(arg);
    } else {
      this.#value(arg, verb, 0);
    }
  }

  #value(value: Value, verb: string, depth: number): void {
    this.#run.step();
    if (depth > DEEPEST) throw new LimitError(`a value is nested deeper than ${DEEPEST}`);
    switch (typeof value) {
      case 'string':
        return this.#string(value, verb);
      case 'bigint':
        return this.#integer(value, verb);
      case 'number':
        return this.#float(value, verb);
      case 'boolean':
        if (verb === 'v' || verb === 't') this.#pad(String(value));
        else this.#badVerb(value, verb);
        return;
      default:
    }
    if (value === null) return this.write(this.sharpV ? 'interface {}(nil)' : '<nil>');
    if (this.#byMethod(value, verb)) return;
    if (value instanceof Integer) return this.#integer(value, verb);
    if (value instanceof Slice) return this.#slice(value, verb, depth);
    if (value instanceof Dict) return this.#dict(value, verb, depth);
    return this.#struct(value, verb, depth);
  }

  /** Prints the result of `String` or `Error` if the verb asks for text. Returns whether anything was printed. */
  #byMethod(value: Integer | Slice | Dict | Struct, verb: string): boolean {
    if (this.#erroring) return false;
    if (verb === 'w') {
      this.#badVerb(value, verb);
      return true;
    }
    if (this.sharpV || !'vsxXq'.includes(verb) || value instanceof Slice || value instanceof Dict)
      return false;
    const text = value.text();
    if (text === undefined) return false;
    this.#string(text, verb);
    return true;
  }

  #badVerb(value: Value, verb: string): void {
    this.#erroring = true;
    this.write(`%!${verb}(`);
    if (value === null) {
      this.write('<nil>');
    } else {
      this.write(`${typeOf(value).name}=`);
      this.#value(value, 'v', 0);
    }
    this.write(')');
    this.#erroring = false;
  }

  #slice(value: Slice, verb: string, depth: number): void {
    if (BYTES.holds(value)) {
      if ('sqxX'.includes(verb)) {
        return this.#string(String.fromCharCode(...value.items.map((byte) => Number(byte.value))), verb);
      }
      if (this.sharpV && (verb === 'v' || verb === 'd')) return this.#byteSource(value);
    }
    const [open, between, close] = this.sharpV ? ['{', ', ', '}'] : ['[', ' ', ']'];
    if (this.sharpV) {
      this.write(value.type.name);
      if (value.isNil) return this.write('(nil)');
    }
    this.write(open);
    value.items.forEach((item, i) => {
      if (i > 0) this.write(between);
      this.#value(item, verb, depth + 1);
    });
    this.write(close);
  }

  #byteSource(value: Slice<Integer>): void {
    const bytes = value.items.map((byte) => `0x${byte.value.toString(16)}`);
    this.write(value.isNil ? '[]byte(nil)' : `[]byte{${bytes.join(', ')}}`);
  }

  #dict(value: Dict, verb: string, depth: number): void {
    const [open, between, close] = this.sharpV ? [`${value.type.name}{`, ', ', '}'] : ['map[', ' ', ']'];
    if (this.sharpV && value.isNil) return this.write(`${value.type.name}(nil)`);
    this.write(open);
    value.sortedKeys(this.#run).forEach((key, i) => {
      if (i > 0) this.write(between);
      this.#string(key, verb);
      this.write(':');
      this.#value(value.entries.get(key) ?? null, verb, depth + 1);
    });
    this.write(close);
  }

  #struct(value: Struct, verb: string, depth: number): void {
    const isPointer = value.type.kind === 'ptr';
    if (isPointer && depth > 0) return this.#pointer(value);
    const name = isPointer ? value.type.name.slice(1) : value.type.name;
    this.write(`${isPointer ? '&' : ''}${this.sharpV ? name : ''}{`);
    value.fields().forEach(([field, inside], i) => {
      if (i > 0) this.write(this.sharpV ? ', ' : ' ');
      if (this.plusV || this.sharpV) this.write(`${field}:`);
      this.#value(inside, verb, depth + 1);
    });
    this.write('}');
  }

  /** Prints a fixed address. In Go it differs on every run. */
  #pointer(value: Exclude<Value, null>): void {
    const kind = typeOf(value).kind;
    if (kind === 'slice' || kind === 'map' || kind === 'ptr') this.write('0xc000000000');
    else this.#badVerb(value, 'p');
  }

  #string(value: string, verb: string): void {
    switch (verb) {
      case 'v':
        return this.sharpV ? this.#quoted(value) : this.#pad(this.#truncated(value));
      case 's':
        return this.#pad(this.#truncated(value));
      case 'q':
        return this.#quoted(value);
      case 'x':
      case 'X':
        return this.#hex(value, verb);
      default:
        return this.#badVerb(value, verb);
    }
  }

  #truncated(value: string): string {
    if (this.precision === undefined || value.length <= this.precision) return value;
    let at = 0;
    for (let left = this.precision; left > 0 && at < value.length; left--) at += decodeRune(value, at)[1];
    return value.slice(0, at);
  }

  #quoted(value: string): void {
    const text = this.#truncated(value);
    this.#pad(this.sharp && canBackquote(text) ? `\`${text}\`` : quote(text, this.plus));
  }

  #hex(value: string, verb: 'x' | 'X'): void {
    const bytes = Buffer.from(value.slice(0, this.precision), 'latin1').toString('hex');
    this.#run.allocate(bytes.length * 3);
    const prefix = this.sharp ? '0x' : '';
    const spaced = this.space ? bytes.replace(/..(?=.)/g, `$& ${prefix}`) : bytes;
    const text = bytes === '' ? '' : prefix + spaced;
    this.#pad(verb === 'X' ? text.toUpperCase() : text);
  }

  #pad(text: string, zero = this.zero): void {
    const missing = this.width === undefined ? 0 : this.width - runeCount(text);
    if (missing <= 0) return this.write(text);
    if (this.minus) return this.write(text + ' '.repeat(missing));
    this.write((zero ? '0' : ' ').repeat(missing) + text);
  }

  #integer(integer: bigint | Integer, verb: string): void {
    const [value, signed] =
      typeof integer === 'bigint' ? [integer, true] : [integer.value, integer.type.signed];
    switch (verb) {
      case 'v':
        if (!this.sharpV || signed) return this.#digits(value, 10, verb);
        return this.#withSharp(() => this.#digits(value, 16, verb));
      case 'd':
        return this.#digits(value, 10, verb);
      case 'b':
        return this.#digits(value, 2, verb);
      case 'o':
      case 'O':
        return this.#digits(value, 8, verb);
      case 'x':
      case 'X':
        return this.#digits(value, 16, verb);
      case 'c':
        return this.#pad(encodeRune(runeFrom(value)));
      case 'q':
        return this.#pad(quoteRune(runeFrom(value), this.plus));
      case 'U':
        return this.#pad(codePointText(this, BigInt.asUintN(64, value)), false);
      default:
        return this.#badVerb(integer, verb);
    }
  }

  #withSharp(print: () => void): void {
    const before = this.sharp;
    this.sharp = true;
    print();
    this.sharp = before;
  }

  #digits(value: bigint, base: Base, verb: string): void {
    this.#pad(integerText(this, value, { base, verb }), false);
  }

  #float(value: number, verb: string): void {
    switch (verb) {
      case 'v':
        return this.#decimal(value, 'g', -1);
      case 'b':
      case 'g':
      case 'G':
      case 'x':
      case 'X':
        return this.#decimal(value, verb, -1);
      case 'e':
      case 'E':
      case 'f':
        return this.#decimal(value, verb, 6);
      case 'F':
        return this.#decimal(value, 'f', 6);
      default:
        return this.#badVerb(value, verb);
    }
  }

  #decimal(value: number, format: FloatFormat, usual: number): void {
    const precision = this.precision ?? usual;
    const plain = formatFloat(value, format, precision);
    const signed = /^[+-]/.test(plain) ? plain : `+${plain}`;
    let sign = signed.charAt(0);
    let text = signed.slice(1);
    if (this.space && sign === '+' && !this.plus) sign = ' ';
    if (text === 'Inf' || text === 'NaN') {
      return this.#pad(text === 'NaN' && !this.space && !this.plus ? text : sign + text, false);
    }
    if (this.sharp && format !== 'b') text = withPoint(text, format, precision);
    if (sign === '+' && !this.plus) return this.#pad(text);
    const missing = (this.width ?? 0) - text.length - 1;
    if (this.zero && !this.minus && missing > 0) return this.write(sign + '0'.repeat(missing) + text);
    this.#pad(sign + text);
  }
}
