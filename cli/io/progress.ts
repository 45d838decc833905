/** Shows progress on the last line of a terminal. Prints nothing if stderr is not a terminal that can erase a line. */
export class Progress {
  readonly #verb: string;
  readonly #total: number;
  #done = 0;

  constructor(verb: string, total: number) {
    this.#verb = verb;
    this.#total = total;
    this.#show();
  }

  /** Counts one more element as done. */
  step(): void {
    this.#done++;
    this.#show();
  }

  /** Erases the line. */
  end(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K');
  }

  get #isShown(): boolean {
    return process.stderr.isTTY && process.env['TERM'] !== 'dumb' && this.#total > 1;
  }

  #show(): void {
    if (this.#isShown) process.stderr.write(`\r\x1b[K(${this.#verb} ${this.#done} of ${this.#total})`);
  }
}
