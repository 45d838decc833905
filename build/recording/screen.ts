/** Characters of one row with the same colour. */
export interface Span {
  readonly text: string;
  /** The number of a colour of ECMA-48, 30 to 37 or 90 to 97; undefined for the default one. */
  readonly color: number | undefined;
}

interface Cell {
  readonly character: string;
  readonly color: number | undefined;
}

const ESCAPE = '\u001b';
/** A control sequence, another control character, or text up to one. */
const PARTS = new RegExp(`${ESCAPE}\\[[?0-9;]*[A-Za-z]|\\p{Cc}|\\P{Cc}+`, 'gu');

/** The part of a terminal that programs use which print lines: text, colours, and clearing a line. */
export class Screen {
  readonly #columns: number;
  #rows: Cell[][];
  #row = 0;
  #column = 0;
  #color: number | undefined;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = Array.from({ length: rows }, () => []);
  }

  /** Shows output. Throws for control sequences that it does not know. */
  write(output: string): void {
    for (const [part] of output.matchAll(PARTS)) {
      if (part.startsWith(`${ESCAPE}[`)) this.#control(part);
      else if (part === '\r') this.#column = 0;
      else if (part === '\n') this.#nextRow();
      else if (part === '\b') this.#column = Math.max(0, this.#column - 1);
      else if (/^\p{Cc}$/u.test(part)) throw new Error(`unknown control character ${JSON.stringify(part)}`);
      else for (const character of part) this.#put(character);
    }
  }

  /** Returns the rows from the top. */
  rows(): readonly (readonly Span[])[] {
    return this.#rows.map(spansOf);
  }

  #put(character: string): void {
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#nextRow();
    }
    const row = this.#rows[this.#row] ?? [];
    while (row.length < this.#column) row.push({ character: ' ', color: undefined });
    row[this.#column++] = { character, color: this.#color };
  }

  #nextRow(): void {
    this.#row++;
    if (this.#row < this.#rows.length) return;
    this.#rows = [...this.#rows.slice(1), []];
    this.#row--;
  }

  #control(sequence: string): void {
    const [, parameters = '', command] = /^.\[([?0-9;]*)(.)$/su.exec(sequence) ?? [];
    if (command === 'K' && parameters === '') this.#rows[this.#row]?.splice(this.#column);
    else if (command === 'm') this.#setColor(parameters.split(';').map(Number));
    // Modes such as bracketed paste change nothing that is shown.
    else if (!parameters.startsWith('?')) throw new Error(`unknown sequence ${JSON.stringify(sequence)}`);
  }

  #setColor(codes: readonly number[]): void {
    for (const code of codes) {
      const isColor = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
      if (isColor) this.#color = code;
      else if (code === 0 || code === 39) this.#color = undefined;
    }
  }
}

function spansOf(row: readonly Cell[]): readonly Span[] {
  const spans: Span[] = [];
  for (const { character, color } of row) {
    const last = spans.at(-1);
    if (last?.color === color && last !== undefined)
      spans[spans.length - 1] = { text: last.text + character, color };
    else spans.push({ text: character, color });
  }
  return spans;
}
