/** Exponential pauses between attempts, with jitter so that many clients do not retry at the same moment. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #attempts = 0;

  /**
   * @param first upper bound of the first pause, in ms
   * @param longest upper bound of every pause, in ms
   */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** Returns the next pause, in ms. Its upper bound doubles each time; the pause is 50 to 100 % of that bound. */
  next(): number {
    const bound = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#attempts, 30));
    this.#attempts++;
    return bound * (0.5 + Math.random() / 2);
  }

  /** Starts again with the first pause. */
  reset(): void {
    this.#attempts = 0;
  }
}
