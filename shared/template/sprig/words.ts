/** `snakecase` and `kebabcase`, which split words as `github.com/huandu/xstrings` does, including its oddities. */
import { decodeRune, encodeRune, RUNE_ERROR } from '../utf8.ts';
import { isConnector, isLetter, isNumber, isPunct, isUpper, toLower } from './unicode.ts';

type Kind = 'none' | 'invalid' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other';

interface Word {
  readonly kind: Kind;
  readonly text: string;
}

const NONE: Word = { kind: 'none', text: '' };

/** Joins all words in lower case with a one-byte connector. */
export function joinWords(text: string, connector: string): string {
  const words = new Words(text);
  let out = '';
  const put = (word: Word): void => {
    out += word.kind === 'upper' || word.kind === 'connector' ? lowered(word.text, connector) : word.text;
  };
  const putRow = (from: Word): Word => {
    let word = from;
    for (; word.kind === 'letters' || word.kind === 'number'; word = words.next()) put(word);
    return word;
  };
  const joins = ({ kind }: Word): boolean => kind !== 'connector' && kind !== 'punctuation';

  let word = words.next();
  while (words.left > 0) {
    if (word.kind !== 'connector') put(word);
    const before = word;
    word = words.next();
    if (before.kind === 'number') {
      word = putRow(word);
      if (joins(word) && !ended(word)) out += connector;
    } else if (before.kind === 'connector') {
      put(before);
    } else if (before.kind !== 'punctuation') {
      if (word.kind !== 'number') {
        if (joins(word)) out += connector;
      } else if (words.left > 0) {
        // The number belongs to the word before it (Bld4Floor) or starts the next one (http2xx).
        const number = word;
        word = words.next();
        if (word.kind !== 'letters') {
          put(number);
          if (joins(word)) out += connector;
        } else {
          out += connector;
          put(number);
          word = putRow(word);
          if (joins(word) && !ended(word)) out += connector;
        }
      }
    }
  }
  put(word);
  return out;
}

function ended({ kind }: Word): boolean {
  return kind === 'none' || kind === 'invalid';
}

function lowered(text: string, connector: string): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    const [rune, size] = decodeRune(text, at);
    out += isConnector(rune) ? connector : encodeRune(isUpper(rune) ? toLower(rune) : rune);
    at += size;
  }
  return out;
}

class Words {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The number of remaining bytes. */
  get left(): number {
    return this.#text.length - this.#at;
  }

  next(): Word {
    if (this.left === 0) return NONE;
    const start = this.#at;
    const [first, size] = this.#valid(start, RUNE_ERROR);
    const [kind, end] = this.#scan(first, start + size);
    this.#at = end;
    return { kind, text: this.#text.slice(start, end) };
  }

  #scan(first: number, at: number): readonly [kind: Kind, end: number] {
    if (first === RUNE_ERROR) return ['invalid', at];
    if (isConnector(first)) return ['connector', this.#row(at, first, isConnector)];
    if (isPunct(first)) return ['punctuation', this.#row(at, first, isPunct)];
    if (isUpper(first)) return ['upper', this.#capitals(at, first)];
    if (isAlphabet(first)) return ['letters', this.#row(at, first, isSmallLetter)];
    if (isNumber(first)) return ['number', this.#row(at, first, isNumber)];
    return ['other', this.#row(at, first, isOther)];
  }

  /** Returns the end of a word that starts with a capital. In HTTPServer, the S belongs to the next word. */
  #capitals(at: number, first: number): number {
    if (at >= this.#text.length) return at;
    const [second, size] = this.#valid(at, first);
    if (!isUpper(second)) return isAlphabet(second) ? this.#row(at + size, second, isSmallLetter) : at;
    let last = size;
    let rune = second;
    for (at += size; at < this.#text.length; at += last) {
      const [next, nextSize] = this.#valid(at, rune);
      rune = next;
      if (!isUpper(next)) break;
      last = nextSize;
    }
    return at < this.#text.length && isAlphabet(rune) ? at - last : at;
  }

  /** Returns the end of a sequence of runes of one kind. */
  #row(from: number, before: number, belongs: (rune: number) => boolean): number {
    let rune = before;
    let at = from;
    while (at < this.#text.length) {
      const [next, size] = this.#valid(at, rune);
      rune = next;
      if (!belongs(rune)) break;
      at += size;
    }
    return at;
  }

  /**
   * Returns the next rune that is valid UTF-8 and the number of bytes up to its end, or the previous rune if there is
   * none.
   */
  #valid(from: number, before: number): readonly [rune: number, size: number] {
    for (let at = from; at < this.#text.length;) {
      const [rune, size] = decodeRune(this.#text, at);
      at += size;
      if (rune !== RUNE_ERROR) return [rune, at - from];
    }
    return [before, this.#text.length - from];
  }
}

/** Whether a rune is a letter. Chinese, Japanese and Korean characters count as other characters. */
function isAlphabet(rune: number): boolean {
  const cjk =
    (rune >= 0x4e00 && rune <= 0x9fcc) ||
    (rune >= 0x3400 && rune <= 0x4d85) ||
    (rune >= 0x20000 && rune <= 0x2b81d);
  return isLetter(rune) && !cjk;
}

function isSmallLetter(rune: number): boolean {
  return isAlphabet(rune) && !isUpper(rune);
}

function isOther(rune: number): boolean {
  return !isConnector(rune) && !isAlphabet(rune) && !isNumber(rune) && !isPunct(rune);
}
