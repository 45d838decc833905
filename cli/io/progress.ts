/** Counts on a terminal's last line what is done; elsewhere, and where a line cannot be erased, says nothing. */
export class Progress {
  readonly #verb: string;
  readonly #total: number;
  #done = 0;

  constructor(verb: string, total: number) {
    this.#verb = verb;
    this.#total = total;
    this.#show();
  }

  step(): void {
    this.#done++;
    this.#show();
  }

  /** Leaves the line empty. */
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
