/** Changes of letter case and of the marks between words, as `github.com/huandu/xstrings` and goutils do them. */
import { runesOf, stringOf } from '../utf8.ts';
import {
  isConnector,
  isDigit,
  isLetter,
  isLower,
  isSpace,
  isTitle,
  isUpper,
  toLower,
  toTitle,
  toUpper,
} from './unicode.ts';

/** Go's `strings.ToUpper`, `strings.ToLower` and the like: every rune mapped, and what is no UTF-8 to U+FFFD. */
export function mapRunes(text: string, map: (rune: number) => number): string {
  return stringOf(runesOf(text).map(map));
}

/** Go's `strings.Title`: the first letter of every word. */
export function title(text: string): string {
  let before = 0x20;
  return mapRunes(text, (rune) => {
    const mapped = isSeparator(before) ? toTitle(rune) : rune;
    before = rune;
    return mapped;
  });
}

function isSeparator(rune: number): boolean {
  if (rune < 0x80) return !(isLetter(rune) || isDigit(rune) || rune === 0x5f);
  return !isLetter(rune) && !isDigit(rune) && isSpace(rune);
}

/** The first letter of every word in lower case. */
export function untitle(text: string): string {
  let wordStarts = true;
  return mapRunes(text, (rune) => {
    const first = wordStarts && !isSpace(rune);
    wordStarts = isSpace(rune);
    return first ? toLower(rune) : rune;
  });
}

export function swapCase(text: string): string {
  let afterSpace = true;
  return mapRunes(text, (rune) => {
    const starts = afterSpace;
    afterSpace = isUpper(rune) || isTitle(rune) || isLower(rune) ? false : isSpace(rune);
    if (isUpper(rune) || isTitle(rune)) return toLower(rune);
    if (isLower(rune)) return starts ? toTitle(rune) : toUpper(rune);
    return rune;
  });
}

/** `some_words` to `SomeWords`. Connectors at the front, and all but one of a row of them, stay. */
export function pascalCase(text: string): string {
  const runes = runesOf(text);
  const start = runes.findIndex((rune) => !isConnector(rune));
  // The original repeats the last of nothing but connectors.
  if (start === -1) return stringOf([...runes, ...runes.slice(-1)]);
  const out = runes.slice(0, start);
  const first = runes[start] ?? 0;
  // A row of capitals is one word: after its first letter they become small, until one is not a capital.
  let inCapitals = isUpper(first);
  let held = toUpper(first);
  for (const rune of runes.slice(start + 1)) {
    let next = rune;
    if (isConnector(held)) {
      if (!isConnector(rune)) {
        inCapitals = isUpper(rune);
        next = toUpper(rune);
        held = next;
        continue;
      }
    } else if (inCapitals) {
      if (isUpper(rune)) next = toLower(rune);
      else inCapitals = false;
    }
    out.push(held);
    held = next;
  }
  out.push(held);
  return stringOf(out);
}
