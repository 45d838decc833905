/** A line that a user types into bash, parsed as far as completing its last word needs it. */
export interface BashLine {
  /** The arguments of the command, without their quotes. The last one is incomplete, and may be empty. */
  readonly words: readonly string[];
  /** The start of the last word, without quotes, that bash keeps. A candidate replaces the rest. */
  readonly kept: string;
  /** The quote that is open at the end of the line. */
  readonly quote: Quote | undefined;
}

type Quote = '"' | "'";

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
/** The only characters that a backslash escapes inside double quotes. */
const ESCAPED_IN_QUOTES = '"\\$`\n';

/**
 * Parses a line up to the cursor. `breaks` are the characters of `COMP_WORDBREAKS`. Expands nothing: `$x` and `$(x)` stay
 * as they are.
 */
export function parseBashLine(line: string, breaks: string): BashLine {
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
      // By default, COMP_WORDBREAKS contains the quotes.
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
 * Quotes a text so that bash inserts it as one literal word, after the open quote if there is one; bash closes it.
 * Returns undefined if that is impossible: a `!` is special inside double quotes and cannot be escaped there.
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
