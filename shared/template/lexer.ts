/** Splits the text of a template into tokens. The text is a byte string (see value.ts), so offsets count bytes. */
import { quote } from './quote.ts';
import type { Token, TokenKind } from './token.ts';
import { isDigit, isLetter, isPrint } from './unicode.ts';
import { decodeRune, encodeRune } from './utf8.ts';

const KEYWORDS = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);

const LEFT = '{{';
const RIGHT = '}}';

// Sticky expressions, which match only at `lastIndex`. What is checked at every token has faster hand-written code
// below.
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** The form of a literal between quotes. */
interface LiteralSyntax {
  readonly kind: 'string' | 'rune';
  readonly expression: RegExp;
  /** The error if the second quote is missing. */
  readonly unterminated: string;
}

const QUOTED_STRING: LiteralSyntax = {
  kind: 'string',
  expression: /"(?:[^"\\\n]|\\[^\n])*"/y,
  unterminated: 'unterminated quoted string',
};
const RAW_STRING: LiteralSyntax = {
  kind: 'string',
  expression: /`[^`]*`/y,
  unterminated: 'unterminated raw quoted string',
};
const CHARACTER: LiteralSyntax = {
  kind: 'rune',
  expression: /'(?:[^'\\\n]|\\[^\n])*'/y,
  unterminated: 'unterminated character constant',
};

/**
 * Returns the tokens of a template one by one. Like Go's lexer, it is lenient with numbers, whose syntax the parser
 * checks. Tokens after an error token have no meaning.
 */
export class Lexer {
  readonly #text: string;
  /** Whether a function of this name exists. Such functions hide the keywords `break` and `continue`. */
  readonly #isFunction: (name: string) => boolean;
  #at = 0;
  #inAction = false;
  #parentheses = 0;
  #line = 1;
  /** The offset at which `#line` ends; -1 before the first token. */
  #lineEnd = -1;

  constructor(text: string, isFunction: (name: string) => boolean) {
    this.#text = text;
    this.#isFunction = isFunction;
  }

  /** Returns the next token. */
  next(): Token {
    return this.#inAction ? this.#action() : this.#outside();
  }

  #outside(): Token {
    for (;;) {
      const start = this.#at;
      const left = this.#text.indexOf(LEFT, start);
      if (left === -1) {
        this.#at = this.#text.length;
        return start < this.#at
          ? this.#token('text', start, this.#at)
          : this.#token('end of text', start, start);
      }
      const afterLeft = left + LEFT.length;
      const trims = this.#text.charAt(afterLeft) === '-' && isSpace(this.#text.charCodeAt(afterLeft + 1));
      const end = trims ? trimmedEnd(this.#text, start, left) : left;
      if (end > start) {
        this.#at = left;
        return this.#token('text', start, end);
      }
      const inside = trims ? afterLeft + 2 : afterLeft;
      if (!this.#text.startsWith('/*', inside)) {
        this.#at = inside;
        this.#inAction = true;
        this.#parentheses = 0;
        return this.#token('left delimiter', left, afterLeft);
      }
      const problem = this.#comment(inside);
      if (problem !== null) return this.#error(inside, problem);
    }
  }

  /** Skips a comment and its right delimiter. Returns an error message, or null on success. */
  #comment(start: number): string | null {
    const close = this.#text.indexOf('*/', start + 2);
    if (close === -1) return 'unclosed comment';
    if (!this.#skipRightDelimiter(close + 2)) return 'comment ends before closing delimiter';
    return null;
  }

  #skipRightDelimiter(at: number): boolean {
    const length = this.#rightDelimiter(at);
    if (length === 0) return false;
    this.#at = at + length;
    if (length > RIGHT.length) this.#at = spacesEnd(this.#text, this.#at);
    return true;
  }

  #action(): Token {
    const start = this.#at;
    const delimiter = this.#rightDelimiter(start);
    if (delimiter > 0) {
      if (this.#parentheses > 0) return this.#error(start, 'unclosed left paren');
      this.#skipRightDelimiter(start);
      this.#inAction = false;
      const end = start + delimiter;
      return this.#token('right delimiter', end - RIGHT.length, end);
    }
    const first = this.#text.charAt(start);
    if (first === '') return this.#error(start, 'unclosed action');
    if (isSpace(first.charCodeAt(0))) return this.#space(start);
    switch (first) {
      case '=':
        return this.#emit('assign', start, 1);
      case ':':
        if (this.#text.charAt(start + 1) !== '=') return this.#error(start, 'expected :=');
        return this.#emit('declare', start, 2);
      case '|':
        return this.#emit('pipe', start, 1);
      case '(':
        this.#parentheses++;
        return this.#emit('left parenthesis', start, 1);
      case ')':
        if (--this.#parentheses < 0) return this.#error(start, 'unexpected right paren');
        return this.#emit('right parenthesis', start, 1);
      case '"':
        return this.#literal(start, QUOTED_STRING);
      case '`':
        return this.#literal(start, RAW_STRING);
      case "'":
        return this.#literal(start, CHARACTER);
      case '$':
        return this.#name('variable', start);
      case '.':
        // A field unless a digit follows. At the end of the text, Go reads a number.
        return /[^0-9]/.test(this.#text.charAt(start + 1)) ? this.#name('field', start) : this.#number(start);
      default:
        return this.#other(first, start);
    }
  }

  #other(first: string, start: number): Token {
    if (/[0-9+-]/.test(first)) return this.#number(start);
    const end = this.#wordEnd(start);
    if (end > start) return this.#word(start, end);
    const rune = decodeRune(this.#text, start)[0];
    if (rune < 0x80 && isPrint(rune)) return this.#emit('character', start, 1);
    return this.#error(start, `unrecognized character in action: ${showRune(rune)}`);
  }

  #space(start: number): Token {
    const end = spacesEnd(this.#text, start);
    // The last space may belong to a trim marker.
    const isMarked = this.#text.charAt(end) === '-' && this.#text.startsWith(RIGHT, end + 1);
    return this.#emit('space', start, end - start - (isMarked ? 1 : 0));
  }

  /** Returns the length of the right delimiter at an offset, including its trim marker, or 0 if there is none. */
  #rightDelimiter(at: number): number {
    const first = this.#text.charCodeAt(at);
    if (first === BRACE) return this.#text.charCodeAt(at + 1) === BRACE ? RIGHT.length : 0;
    if (!isSpace(first) || this.#text.charAt(at + 1) !== '-') return 0;
    return this.#text.startsWith(RIGHT, at + 2) ? 2 + RIGHT.length : 0;
  }

  #literal(start: number, { kind, expression, unterminated }: LiteralSyntax): Token {
    const length = matches(expression, this.#text, start);
    return length === 0 ? this.#error(start, unterminated) : this.#emit(kind, start, length);
  }

  /** Reads a field or variable, or a lone dot or dollar sign. */
  #name(kind: 'field' | 'variable', start: number): Token {
    if (this.#isTerminator(start + 1)) return this.#emit(kind === 'field' ? 'dot' : kind, start, 1);
    const end = this.#wordEnd(start + 1);
    return this.#isTerminator(end) ? this.#emit(kind, start, end - start) : this.#badCharacter(start, end);
  }

  #word(start: number, end: number): Token {
    if (!this.#isTerminator(end)) return this.#badCharacter(start, end);
    const word = this.#text.slice(start, end);
    let kind: TokenKind = 'identifier';
    if (word === 'nil') kind = 'nil';
    else if (word === 'true' || word === 'false') kind = 'bool';
    else if (KEYWORDS.has(word)) {
      const hidden = (word === 'break' || word === 'continue') && this.#isFunction(word);
      if (!hidden) kind = 'keyword';
    }
    return this.#emit(kind, start, end - start);
  }

  #number(start: number): Token {
    let end = start + matches(NUMBER, this.#text, start);
    let kind: TokenKind = 'number';
    if (this.#alphanumericSize(end) === 0 && /[+-]/.test(this.#text.charAt(end))) {
      // Go's complex numbers: `1+2i`.
      kind = 'complex';
      end += matches(NUMBER, this.#text, end);
    }
    const beyond = this.#alphanumericSize(end);
    const badComplex = kind === 'complex' && this.#text.charAt(end - 1) !== 'i';
    if (beyond === 0 && !badComplex) return this.#emit(kind, start, end - start);
    return this.#error(start, `bad number syntax: ${quote(this.#text.slice(start, end + beyond))}`);
  }

  #badCharacter(start: number, at: number): Token {
    return this.#error(start, `bad character ${showRune(decodeRune(this.#text, at)[0])}`);
  }

  /** Whether a name may end at an offset. In `$x+2`, for example, it may not. */
  #isTerminator(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    if (code === BRACE) return this.#text.charCodeAt(at + 1) === BRACE;
    return Number.isNaN(code) || isSpace(code) || '.,|:)('.includes(this.#text.charAt(at));
  }

  /** Returns the offset after the letters, digits and underscores that start at `start`. */
  #wordEnd(start: number): number {
    let end = start;
    for (;;) {
      const code = this.#text.charCodeAt(end);
      if (code < 0x80) {
        if (!isWordCode(code)) return end;
        end++;
      } else {
        const size = this.#alphanumericSize(end);
        if (size === 0) return end;
        end += size;
      }
    }
  }

  #alphanumericSize(at: number): number {
    if (at >= this.#text.length) return 0;
    const [rune, size] = decodeRune(this.#text, at);
    return rune === 0x5f || isLetter(rune) || isDigit(rune) ? size : 0;
  }

  #emit(kind: TokenKind, start: number, length: number): Token {
    this.#at = start + length;
    return this.#token(kind, start, this.#at);
  }

  #error(start: number, text: string): Token {
    return { kind: 'error', at: start, line: this.#lineOf(start), text };
  }

  #token(kind: TokenKind, start: number, end: number): Token {
    return { kind, at: start, line: this.#lineOf(start), text: this.#text.slice(start, end) };
  }

  #lineOf(at: number): number {
    if (this.#lineEnd === -1) this.#lineEnd = lineEnd(this.#text, 0);
    for (; this.#lineEnd < at; this.#line++) this.#lineEnd = lineEnd(this.#text, this.#lineEnd + 1);
    return this.#line;
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? Infinity : end;
}

/** Returns the number of bytes that a sticky expression matches at an offset. */
function matches(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex - at : 0;
}

/** The character code of `}`. */
const BRACE = 0x7d;

/** Whether Go's lexer regards a character as space. A trim marker needs one next to its minus sign. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

function isWordCode(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x5f
  );
}

function spacesEnd(text: string, start: number): number {
  let end = start;
  while (isSpace(text.charCodeAt(end))) end++;
  return end;
}

function trimmedEnd(text: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && isSpace(text.charCodeAt(trimmed - 1))) trimmed--;
  return trimmed;
}

/** Formats a rune as `%#U` does. */
function showRune(rune: number): string {
  const code = `U+${rune.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrint(rune) ? `${code} '${encodeRune(rune)}'` : code;
}
