/** The tokens of a template, and how complaints show them. */
import { quote } from './quote.ts';
import { decodeRune } from './utf8.ts';

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

export interface Token {
  readonly kind: TokenKind;
  /** Its offset. */
  readonly at: number;
  /** The line it starts in, from 1. */
  readonly line: number;
  /** Its source text, quotes included; of an error, Go's words. */
  readonly text: string;
}

/** How a token appears in an error. */
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
