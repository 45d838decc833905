/**
 * Moves through the text between the nodes of YAML that js-yaml has accepted. A gap holds white space, comments and
 * indicators such as `:` and `]`. Each gap is read at most twice.
 */
export class GapScanner {
  /** The offset up to which the text is read, in UTF-16 units. */
  position = 0;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  /** Moves behind the colon of a key. Returns false, and does not move, if the key has none. */
  passColon(isFlow: boolean): boolean {
    const at = this.#afterSpace(this.position);
    // In block style, a colon without white space behind it starts the next key.
    if (this.#source[at] !== ':' || !(isFlow || isSpace(this.#source[at + 1]))) return false;
    this.position = at + 1;
    return true;
  }

  /** Moves behind the next of some indicators. */
  pass(indicators: string): void {
    this.seek(indicators);
    this.position++;
  }

  /** Moves to the next of some indicators. */
  seek(indicators: string): void {
    let at = this.#afterSpace(this.position);
    while (at < this.#source.length && !indicators.includes(this.#source.charAt(at))) {
      at = this.#afterSpace(at + 1);
    }
    this.position = at;
  }

  /** Moves behind spaces and tabs. */
  passBlanks(): void {
    while (isBlank(this.#source[this.position])) this.position++;
  }

  /** Returns the offset behind white space and comments. */
  #afterSpace(from: number): number {
    let at = from;
    for (let isComment = false; at < this.#source.length; at++) {
      const character = this.#source[at];
      if (isBreak(character)) isComment = false;
      else if (character === '#') isComment = true;
      else if (!isComment && !isBlank(character)) break;
    }
    return at;
  }
}

/** Whether a character is a line break of YAML. */
export function isBreak(character: string | undefined): boolean {
  return character === '\n' || character === '\r';
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** Whether a character is white space, or the text has ended. */
function isSpace(character: string | undefined): boolean {
  return character === undefined || isBlank(character) || isBreak(character);
}
