import { JsonHead } from './json-head.ts';

/** A JSON text that arrived in chunks: complete, or only the wanted strings if it exceeds the limit. */
export type BoundedText =
  { readonly complete: true; readonly text: string } | { readonly complete: false; readonly head: JsonHead };

/** The limit of each text, and what to keep of a larger one. */
export interface BoundedTextOptions {
  /** The largest complete text, in bytes. */
  readonly limit: number;
  /** The strings to find in a larger text, each as the keys that lead to it. */
  readonly wanted: readonly (readonly string[])[];
}

/** The largest buffer that is reused for the next text, in bytes. */
const SMALL = 64 * 1024;

/**
 * Collects one JSON text after another, each up to the limit. Copies the bytes into one buffer, since a slice of a chunk
 * would keep the whole chunk in memory.
 */
export class BoundedTextBuffer {
  readonly #options: BoundedTextOptions;
  #bytes = Buffer.allocUnsafe(0);
  #length = 0;
  #head: JsonHead | undefined;

  constructor(options: BoundedTextOptions) {
    this.#options = options;
  }

  /** How many bytes of the current text are in memory. */
  get length(): number {
    return this.#length;
  }

  /** Adds the bytes of a chunk from `start` to `end` (exclusive) to the current text. */
  append(chunk: Buffer, start: number, end: number): void {
    if (start >= end) return;
    const added = end - start;
    if (this.#head) {
      this.#head.push(chunk.subarray(start, end));
    } else if (this.#length + added > this.#options.limit) {
      this.#head = new JsonHead(this.#options.wanted);
      this.#head.push(this.#bytes.subarray(0, this.#length));
      this.#head.push(chunk.subarray(start, end));
      this.#clear();
    } else {
      this.#reserve(added);
      chunk.copy(this.#bytes, this.#length, start, end);
      this.#length += added;
    }
  }

  /** Adds the last bytes of the current text, returns it, and starts the next one. */
  take(chunk: Buffer, start: number, end: number): BoundedText {
    const within = end - start <= this.#options.limit;
    if (this.#head === undefined && this.#length === 0 && within) {
      return { complete: true, text: chunk.toString('utf8', start, end) };
    }
    this.append(chunk, start, end);
    const head = this.#head;
    if (head) {
      this.#head = undefined;
      return { complete: false, head };
    }
    const text = this.#bytes.toString('utf8', 0, this.#length);
    this.#clear();
    return { complete: true, text };
  }

  #reserve(added: number): void {
    const needed = this.#length + added;
    if (needed <= this.#bytes.length) return;
    const doubled = Math.min(this.#options.limit, this.#bytes.length * 2);
    const larger = Buffer.allocUnsafe(Math.max(SMALL, needed, doubled));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #clear(): void {
    this.#length = 0;
    if (this.#bytes.length > SMALL) this.#bytes = Buffer.allocUnsafe(0);
  }
}
