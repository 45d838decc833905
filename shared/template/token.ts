/** The tokens of a template, and their form in error messages. */
import { quote } from './quote.ts';
import { decodeRune } from './utf8.ts';

/** The kind of a token. */
export type TokenKind =
  | 'error'
  | 'end of text'
  | 'text'
  | 'left delimiter'
  | 'right delimiter'
  | 'left parenthesis'
  | 'right parenthesis'
  | 'space'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'character'
  | 'string'
  | 'rune'
  | 'number'
  | 'complex'
  | 'bool'
  | 'dot'
  | 'nil'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'keyword';

/** A token of a template. */
export interface Token {
  readonly kind: TokenKind;
  /** The byte offset of the token in the text. */
  readonly at: number;
  /** The line in which the token starts, counted from 1. */
  readonly line: number;
  /** The source text, including quotes; for an error token, Go's error text. */
  readonly text: string;
}

/** Formats a token for an error message. */
export function showToken(token: Token): string {
  switch (token.kind) {
    case 'end of text':
      return 'EOF';
    case 'error':
      return token.text;
    case 'keyword':
    case 'dot':
    case 'nil':
      return `<${token.text}>`;
    default:
      return token.text.length > 10 ? `${quote(firstRunes(token.text, 10))}...` : quote(token.text);
  }
}

function firstRunes(text: string, count: number): string {
  let at = 0;
  for (let left = count; left > 0 && at < text.length; left--) at += decodeRune(text, at)[1];
  return text.slice(0, at);
}
