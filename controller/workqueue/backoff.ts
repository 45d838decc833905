/** Growing pauses between attempts, with jitter so that many clients do not come back together. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #attempts = 0;

  /** First and longest pause, in milliseconds. */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** The next pause: twice the one before, of which up to a half is left to chance. */
  next(): number {
    const full = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#attempts, 30));
    this.#attempts++;
    return full * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
