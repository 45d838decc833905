/** Go's `fmt.Sprint`, `Sprintln` and `Sprintf` for the values of a template. */
import type { Run } from './function.ts';
import { Printer } from './printer.ts';
import { decodeRune } from './utf8.ts';
import { Integer, typeOf, type Value } from './value.ts';

/** Implements `fmt.Sprint`, which adds a space between two arguments if neither is a string. */
export function sprint(args: readonly Value[], run: Run): string {
  if (args.length === 1 && typeof args[0] === 'string') return args[0];
  const printer = new Printer(run);
  args.forEach((arg, i) => {
    if (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string') printer.write(' ');
    printer.printArgument(arg, 'v');
  });
  return printer.text;
}

/** Implements `fmt.Sprintln`, which adds a space between any two arguments and a line break at the end. */
export function sprintln(args: readonly Value[], run: Run): string {
  const printer = new Printer(run);
  args.forEach((arg, i) => {
    if (i > 0) printer.write(' ');
    printer.printArgument(arg, 'v');
  });
  printer.write('\n');
  return printer.text;
}

/** Implements `fmt.Sprintf`. */
export function sprintf(format: string, args: readonly Value[], run: Run): string {
  const printer = new Printer(run);
  new Directives(printer, format, args).run();
  return printer.text;
}

/** The largest width, precision or argument number that Go accepts. */
const LARGEST = 1_000_000;

/** Processes a format: text, and directives that consist of `%`, flags, width, precision, argument index and verb. */
class Directives {
  readonly #printer: Printer;
  readonly #format: string;
  readonly #args: readonly Value[];
  #at = 0;
  #argument = 0;
  /** Whether an argument index such as `[2]` occurred. Unused arguments are then not an error. */
  #reordered = false;
  /** Whether the argument index of the current directive is valid. */
  #goodIndex = true;

  constructor(printer: Printer, format: string, args: readonly Value[]) {
    this.#printer = printer;
    this.#format = format;
    this.#args = args;
  }

  run(): void {
    for (;;) {
      const percent = this.#format.indexOf('%', this.#at);
      this.#printer.write(this.#format.slice(this.#at, percent === -1 ? undefined : percent));
      if (percent === -1) break;
      this.#at = percent + 1;
      this.#directive();
    }
    if (!this.#reordered && this.#argument < this.#args.length) this.#extra();
  }

  #directive(): void {
    const printer = this.#printer;
    printer.clear();
    this.#goodIndex = true;
    this.#flags();
    let indexed = this.#index();
    if (this.#format.charAt(this.#at) === '*') {
      this.#at++;
      printer.width = this.#sizeArgument();
      if (printer.width === undefined) printer.write('%!(BADWIDTH)');
      else if (printer.width < 0) {
        printer.width = -printer.width;
        printer.minus = true;
        printer.zero = false;
      }
      indexed = false;
    } else {
      printer.width = this.#number();
      if (indexed && printer.width !== undefined) this.#goodIndex = false;
    }
    if (this.#format.charAt(this.#at) === '.' && this.#at + 1 < this.#format.length) {
      indexed = this.#precision(indexed);
    }
    if (!indexed) this.#index();
    this.#verb();
  }

  #flags(): void {
    const printer = this.#printer;
    for (; ; this.#at++) {
      switch (this.#format.charAt(this.#at)) {
        case '#':
          printer.sharp = true;
          break;
        case '0':
          printer.zero = true;
          break;
        case '+':
          printer.plus = true;
          break;
        case '-':
          printer.minus = true;
          break;
        case ' ':
          printer.space = true;
          break;
        default:
          return;
      }
    }
  }

  #precision(indexed: boolean): boolean {
    const printer = this.#printer;
    this.#at++;
    if (indexed) this.#goodIndex = false;
    const indexedAgain = this.#index();
    if (this.#format.charAt(this.#at) !== '*') {
      printer.precision = this.#number() ?? 0;
      return indexedAgain;
    }
    this.#at++;
    const precision = this.#sizeArgument();
    printer.precision = precision !== undefined && precision >= 0 ? precision : undefined;
    if (printer.precision === undefined) printer.write('%!(BADPREC)');
    return false;
  }

  #verb(): void {
    const printer = this.#printer;
    if (this.#at >= this.#format.length) return printer.write('%!(NOVERB)');
    const size = decodeRune(this.#format, this.#at)[1];
    const verb = this.#format.slice(this.#at, this.#at + size);
    this.#at += size;
    if (verb === '%') return printer.write('%');
    if (!this.#goodIndex) return printer.write(`%!${verb}(BADINDEX)`);
    const argument = this.#args[this.#argument];
    if (argument === undefined) return printer.write(`%!${verb}(MISSING)`);
    if (verb === 'v' || verb === 'w') {
      printer.sharpV = printer.sharp;
      printer.plusV = printer.plus;
      printer.sharp = printer.plus = false;
    }
    printer.printArgument(argument, verb);
    this.#argument++;
  }

  /** Parses an argument index such as `[2]`. Returns whether there was one. */
  #index(): boolean {
    if (this.#format.charAt(this.#at) !== '[') return false;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#at);
    if (close === -1 || this.#format.length - this.#at < 3) {
      this.#goodIndex = false;
      this.#at++;
      return false;
    }
    const inside = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const number = /^\d{1,8}$/.test(inside) ? Number(inside) : undefined;
    if (number !== undefined && number >= 1 && number <= this.#args.length) {
      this.#argument = number - 1;
      return true;
    }
    this.#goodIndex = false;
    return number !== undefined;
  }

  #number(): number | undefined {
    const start = this.#at;
    let value = 0;
    for (; /^\d$/.test(this.#format.charAt(this.#at)); this.#at++) {
      if (value > LARGEST) {
        // Like Go, ignore the rest of the format.
        this.#at = this.#format.length;
        return undefined;
      }
      value = value * 10 + Number(this.#format.charAt(this.#at));
    }
    return this.#at > start ? value : undefined;
  }

  /** Returns the argument of a `*`, or undefined if it is missing or not a valid width or precision. */
  #sizeArgument(): number | undefined {
    const argument = this.#args[this.#argument];
    if (argument === undefined) return undefined;
    this.#argument++;
    const value = argument instanceof Integer ? argument.value : argument;
    if (typeof value !== 'bigint' || value > BigInt(LARGEST) || value < -BigInt(LARGEST)) return undefined;
    return Number(value);
  }

  #extra(): void {
    const printer = this.#printer;
    printer.clear();
    printer.write('%!(EXTRA ');
    this.#args.slice(this.#argument).forEach((argument, i) => {
      if (i > 0) printer.write(', ');
      if (argument === null) return printer.write('<nil>');
      printer.write(`${typeOf(argument).name}=`);
      printer.printArgument(argument, 'v');
    });
    printer.write(')');
  }
}
