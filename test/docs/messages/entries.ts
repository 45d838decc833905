import { HOLE } from './literals.ts';

/** An entry of the page: messages with one cause and cure. */
export interface Entry {
  readonly line: number;
  /** The messages as the page shows them, with «names» where they differ. */
  readonly messages: readonly string[];
  /** Whether a message of the code, in its comparable form, is one of them. */
  readonly isAbout: (inCode: string) => boolean;
  /** The codes that logs show. */
  readonly codes: readonly string[];
  /** Cause and cure. */
  readonly text: string;
}

/** What may be in the head of an entry: messages, the codes of failures, and what separates them. */
const MESSAGE = /^(`+) ?(.+?) ?\1(?!`)/;
const CODES = /^\(?codes? (`\w+`(?:, `\w+`)*)\)?/;
const SEPARATOR = /^(?:\\? |, )/;
/** Where the head ends. */
const END = /^:\\? /;

/**
 * Returns the entries of a page: list items of messages, the codes that logs show with them, and cause and cure. Each is
 * on a line of its own:
 *
 * ```md
 * - `cannot reach «server»: «reason»` (code `Unreachable`):\\
 *   Nothing answers there. Check …
 * ```
 */
export function entriesIn(page: string): Entry[] {
  const lines = page.split('\n');
  return lines.flatMap((first, index) => {
    if (!/^- (?:`|codes? `)/.test(first)) return [];
    const end = lines.findIndex((line, at) => at > index && !/^ {2}\S/.test(line));
    const more = lines.slice(index + 1, end < 0 ? undefined : end);
    const item = [first.slice(2), ...more].map((line) => line.trim()).join(' ');
    return [{ line: index + 1, ...parseEntry(item) }];
  });
}

function parseEntry(item: string): Omit<Entry, 'line'> {
  const messages: string[] = [];
  const codes: string[] = [];
  let rest = item;
  while (!END.test(rest)) {
    const [head = '', , message] = MESSAGE.exec(rest) ?? [];
    const [list = '', named = ''] = CODES.exec(rest) ?? [];
    const [separator = ''] = SEPARATOR.exec(rest) ?? [];
    if (message !== undefined) messages.push(message);
    codes.push(...[...named.matchAll(/\w+/g)].map(([code]) => code));
    const taken = head || list || separator;
    if (taken === '') throw new Error(`expected "- \`MESSAGE\`:\\ CAUSE. WHAT TO DO." instead of "${item}"`);
    rest = rest.slice(taken.length);
  }
  const matchers = messages.map(matcherFor);
  const isAbout = (inCode: string): boolean => matchers.some((matches) => matches(inCode));
  return { messages, isAbout, codes, text: rest.replace(END, '') };
}

/** The form in which messages of the code and of the page are compared. */
export function comparable(message: string): string {
  return message
    .replaceAll(/\u00ab[^\u00bb\u2026]*\u00bb/g, HOLE)
    .replaceAll(/\s+/g, ' ')
    .replace(/^[\s;:,]+/, '')
    .replace(/[\s;:,]+$/, '')
    .replaceAll(new RegExp(`${HOLE}+`, 'g'), HOLE);
}

/** Stands for any words in a message of the page. */
const ANY = '\u00ab\u2026\u00bb';

/** Returns a test for the messages of the code, in their comparable form, that a message of the page stands for. */
export function matcherFor(message: string): (inCode: string) => boolean {
  const onPage = comparable(message);
  if (!onPage.includes(ANY)) return (inCode) => inCode === onPage;
  const parts = onPage.split(ANY).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.+')}$`);
  return (inCode) => pattern.test(inCode);
}
