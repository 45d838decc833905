import { NEVER, type Clock } from '../../shared/clock.ts';
import { Turns } from '../turns.ts';
import type { Client } from './client.ts';

/**
 * The part of a core that requests may use: one piece of work at a time, such as a private operation or the parsing of
 * a body, and after each a pause as long as it took. TCP peers take turns, and so do the clients behind each of them.
 */
export class HttpCpuBudget {
  readonly #clock: Clock;
  readonly #turns = new Turns(1);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs a piece of work when it is its turn; the work itself checks whether its result is still wanted. */
  run<T>({ peer, forwardedFor }: Client, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      void this.#turns.take({ namespace: peer, name: forwardedFor }, async () => {
        const started = this.#clock.elapsed();
        await work().then(resolve, reject);
        const took = this.#clock.elapsed() - started;
        if (took > 0) await this.#clock.sleep(took, NEVER);
      });
    });
  }
}
