import { BoundedTextBuffer, type BoundedText, type BoundedTextOptions } from './bounded-text.ts';

const NEWLINE = 0x0a;

/** Splits a stream of JSON texts, one per line, while it arrives. Skips empty lines. */
export class LineScanner {
  readonly #line: BoundedTextBuffer;

  constructor(options: BoundedTextOptions) {
    this.#line = new BoundedTextBuffer(options);
  }

  /** How many bytes of an unfinished line are in memory. */
  get held(): number {
    return this.#line.length;
  }

  /** Takes the next chunk and returns the lines that end in it. */
  push(chunk: Buffer): BoundedText[] {
    const lines: BoundedText[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      const line = this.#line.take(chunk, start, end);
      if (!line.complete || line.text !== '') lines.push(line);
      start = end + 1;
    }
    this.#line.append(chunk, start, chunk.length);
    return lines;
  }
}
