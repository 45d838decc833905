import { entriesIn, type Entry } from './entries.ts';

const HOLE = /\u00ab[^\u00bb]*\u00bb/;

/**
 * Returns the entries that a reader finds who searches the page for the words of a message: all fixed words of one of
 * their messages are in it, in order.
 */
export function entriesFor(message: string, page: string): readonly Entry[] {
  return entriesIn(page).filter(({ messages }) => messages.some((onPage) => occursIn(onPage, message)));
}

function occursIn(onPage: string, message: string): boolean {
  let at = 0;
  for (const words of onPage.split(HOLE)) {
    const found = message.indexOf(words, at);
    if (found < 0) return false;
    at = found + words.length;
  }
  return true;
}
