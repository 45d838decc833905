/** A stream of a template's tokens for the parser, with lookahead and Go's error messages. */
import { LimitError } from './budget.ts';
import { TemplateError } from './error.ts';
import type { Lexer } from './lexer.ts';
import { showToken, type Token, type TokenKind } from './token.ts';

/**
 * The maximum nesting depth of parentheses and blocks. Go allows 10,000 parentheses and any number of blocks, but
 * JavaScript's stack is smaller.
 */
export const DEEPEST = 200;

/** Counts tokens. `tokens` is called for each token and throws `LimitError` if there are too many. */
export interface TokenMeter {
  tokens(): void;
}

/** Reads tokens from a lexer, and throws `TemplateError` for unexpected ones. */
export class TokenStream {
  readonly #name: string;
  readonly #lexer: Lexer;
  readonly #meter: TokenMeter | undefined;
  /** The tokens that were read and put back. The last one is the next to be read. */
  readonly #pending: Token[] = [];
  /** The line of the token that was lexed last, which Go's errors report. */
  line = 1;
  /** The line where the current action starts; 0 outside an action. */
  actionLine = 0;
  #depth = 0;

  constructor(name: string, lexer: Lexer, meter?: TokenMeter) {
    this.#name = name;
    this.#lexer = lexer;
    this.#meter = meter;
  }

  /** Returns the next token. */
  next(): Token {
    const pending = this.#pending.pop();
    if (pending !== undefined) return pending;
    const token = this.#lexer.next();
    this.line = token.line;
    try {
      this.#meter?.tokens();
    } catch (error) {
      if (error instanceof LimitError) this.fail(error.message);
      throw error;
    }
    return token;
  }

  /** Returns the next token without consuming it. */
  peek(): Token {
    const token = this.next();
    this.#pending.push(token);
    return token;
  }

  /** Skips spaces and returns the next token. */
  nextNonSpace(): Token {
    for (;;) {
      const token = this.next();
      if (token.kind !== 'space') return token;
    }
  }

  /** Skips spaces and returns the next token without consuming it. */
  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.#pending.push(token);
    return token;
  }

  /** Puts tokens back. They are passed in reverse order, the first one to be read again last. */
  putBack(...tokens: readonly Token[]): void {
    this.#pending.push(...tokens);
  }

  /** Returns the next token after spaces. Throws if it is of another kind. */
  expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace();
    return token.kind === kind ? token : this.unexpected(token, context);
  }

  /** Throws Go's error for a token that is not allowed in this context. */
  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.fail(`unexpected ${showToken(token)} in ${context}`);
    const { actionLine } = this;
    if (actionLine === 0 || actionLine === token.line) this.fail(token.text);
    const started = `started at ${this.#name}:${actionLine}`;
    this.fail(`${token.text}${token.text.endsWith(' action') ? '' : ' in action'} ${started}`);
  }

  /** Throws a `TemplateError` at the current line. */
  fail(detail: string): never {
    throw new TemplateError({ name: this.#name, line: this.line }, detail);
  }

  /** Parses one level of a nested construct. Fails with `tooDeep` beyond `DEEPEST` levels. */
  nested<T>(tooDeep: string, parse: () => T): T {
    if (this.#depth >= DEEPEST) this.fail(tooDeep);
    this.#depth++;
    const parsed = parse();
    this.#depth--;
    return parsed;
  }
}

/** Whether a token is the given keyword. */
export function isKeyword(token: Token, text: string): boolean {
  return token.kind === 'keyword' && token.text === text;
}
