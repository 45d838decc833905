/** Changes letter case and word separators, as `github.com/huandu/xstrings` and goutils do. */
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

/** Maps every rune, like Go's `strings.ToUpper` and `strings.ToLower`. Replaces invalid UTF-8 with U+FFFD. */
export function mapRunes(text: string, map: (rune: number) => number): string {
  return stringOf(runesOf(text).map(map));
}

/** Converts the first letter of every word to title case, like Go's `strings.Title`. */
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

/** Converts the first letter of every word to lower case. */
export function untitle(text: string): string {
  let wordStarts = true;
  return mapRunes(text, (rune) => {
    const first = wordStarts && !isSpace(rune);
    wordStarts = isSpace(rune);
    return first ? toLower(rune) : rune;
  });
}

/** Swaps the case of every letter. A lower-case letter at the start of a word becomes title case. */
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

/** Converts `some_words` to `SomeWords`. Keeps leading connectors, and all but one of several connectors in a row. */
export function pascalCase(text: string): string {
  const runes = runesOf(text);
  const start = runes.findIndex((rune) => !isConnector(rune));
  // If the text has only connectors, xstrings repeats the last one.
  if (start === -1) return stringOf([...runes, ...runes.slice(-1)]);
  const out = runes.slice(0, start);
  const first = runes[start] ?? 0;
  // Consecutive capitals form one word: all but the first become lower case, until a letter that is not a capital.
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
