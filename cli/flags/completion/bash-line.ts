/**
 * Reads the line that a user types into bash, as far as completing its last word needs it. Nothing is expanded: `$x`
 * and `$(x)` stay as they are.
 */
export interface BashLine {
  /** The words behind the command, without their quotes; the last one may be cut short, or empty. */
  readonly words: readonly string[];
  /** The part of the last word, without quotes, that bash keeps: it replaces what stands behind it. */
  readonly kept: string;
  /** The quote that is open at the end. */
  readonly quote: Quote | undefined;
}

type Quote = '"' | "'";

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
/** A backslash inside double quotes escapes these alone. */
const ESCAPED_IN_QUOTES = '"\\$`\n';

/** Reads a line up to the cursor; `breaks` are the characters of `COMP_WORDBREAKS`. */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let word: string | undefined;
  let quote: Quote | undefined;
  let kept = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    const next = line[at + 1];
    if (quote === undefined && /[ \t\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      kept = '';
      continue;
    }
    word ??= '';
    if (character === quote) {
      quote = undefined;
      // Quotes are among the characters that break words.
      if (breaks.includes(character)) kept = word;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      kept = word;
    } else if (character === '\\' && isEscape(quote, next)) {
      word += next ?? '';
      at++;
    } else {
      word += character;
      if (quote === undefined && breaks.includes(character)) kept = word;
    }
  }
  let command = [...words, word ?? ''];
  while (command.length > 1 && ASSIGNMENT.test(command[0] ?? '')) command = command.slice(1);
  return { words: command.slice(1), kept, quote };
}

function isEscape(quote: string | undefined, next: string | undefined): boolean {
  if (quote === "'") return false;
  return quote === undefined || (next !== undefined && ESCAPED_IN_QUOTES.includes(next));
}

/**
 * A text as bash has to insert it, so that it stays one literal word: behind the open quote, if there is one, which bash
 * closes. Undefined where there is no way: a `!` is special inside double quotes, and cannot be escaped there.
 */
export function quoteForBash(text: string, quote: Quote | undefined): string | undefined {
  switch (quote) {
    case "'":
      return text.replaceAll("'", String.raw`'\''`);
    case '"':
      return text.includes('!') ? undefined : text.replace(/["\\$`]/g, String.raw`\$&`);
    case undefined:
      return text.replace(/[^A-Za-z0-9_.:/@%+,=\u0080-\uffff-]/g, String.raw`\$&`);
  }
}
