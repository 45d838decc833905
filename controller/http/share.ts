import { NEVER, type Clock } from '../../shared/clock.ts';

/**
 * The share of the machine that requests may take: one piece of work at a time (a private operation, the reading of a
 * body), in the order of asking, and after each a rest as long as it took. Whatever is asked for over HTTP, about half
 * of the time at the least is for unsealing.
 */
export class Share {
  readonly #clock: Clock;
  #last: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does a piece of work in its turn; the work itself is to look whether it is still wanted. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#timed(work));
    this.#last = result.then(
      ({ took }) => this.#rest(took),
      () => undefined,
    );
    return result.then(({ outcome }) => outcome());
  }

  async #timed<T>(work: () => Promise<T>): Promise<{ took: number; outcome: () => T }> {
    const started = this.#clock.elapsed();
    const outcome = await work().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    return { took: this.#clock.elapsed() - started, outcome };
  }

  async #rest(took: number): Promise<void> {
    if (took > 0) await this.#clock.sleep(took, NEVER);
  }
}
