/** The tokens of a template as its parser wants them: with a look ahead, and with the complaints about them. */
import { LimitError } from './budget.ts';
import { TemplateError } from './error.ts';
import type { Lexer } from './lexer.ts';
import { showToken, type Token, type TokenKind } from './token.ts';

/** How deep parentheses and blocks may stand in one another. Go allows 10000 and any number; our stack is smaller. */
export const DEEPEST = 200;

/** Hears of each token, and throws where there are too many. */
export interface TokenMeter {
  tokens(): void;
}

export class TokenStream {
  readonly #name: string;
  readonly #lexer: Lexer;
  readonly #meter: TokenMeter | undefined;
  /** Tokens that were read and put back, the next one last. */
  readonly #pending: Token[] = [];
  /** The line of the newest token, which Go's complaints give. */
  line = 1;
  /** The line where the action began that is being parsed; 0 outside. */
  actionLine = 0;
  #depth = 0;

  constructor(name: string, lexer: Lexer, meter?: TokenMeter) {
    this.#name = name;
    this.#lexer = lexer;
    this.#meter = meter;
  }

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

  peek(): Token {
    const token = this.next();
    this.#pending.push(token);
    return token;
  }

  nextNonSpace(): Token {
    for (;;) {
      const token = this.next();
      if (token.kind !== 'space') return token;
    }
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.#pending.push(token);
    return token;
  }

  /** Puts tokens back, given from the last one to the first. */
  putBack(...tokens: readonly Token[]): void {
    this.#pending.push(...tokens);
  }

  expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace();
    return token.kind === kind ? token : this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.fail(`unexpected ${showToken(token)} in ${context}`);
    const { actionLine } = this;
    if (actionLine === 0 || actionLine === token.line) this.fail(token.text);
    const started = `started at ${this.#name}:${actionLine}`;
    this.fail(`${token.text}${token.text.endsWith(' action') ? '' : ' in action'} ${started}`);
  }

  fail(detail: string): never {
    throw new TemplateError({ name: this.#name, line: this.line }, detail);
  }

  /** Parses something that stands inside something like it. */
  nested<T>(tooDeep: string, parse: () => T): T {
    if (this.#depth >= DEEPEST) this.fail(tooDeep);
    this.#depth++;
    const parsed = parse();
    this.#depth--;
    return parsed;
  }
}

export function isKeyword(token: Token, text: string): boolean {
  return token.kind === 'keyword' && token.text === text;
}
