import { NEVER, type Clock } from '../../shared/clock.ts';
import { FairSemaphore } from '../workqueue/fair-semaphore.ts';
import type { Client } from './client.ts';

/**
 * The part of a core that requests may use: one piece of work at a time, such as a private operation or the parsing of
 * a body, and after each a pause as long as it took. TCP peers take turns, and so do the clients behind each of them.
 */
export class HttpCpuBudget {
  readonly #clock: Clock;
  readonly #turns = new FairSemaphore(1);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs a piece of work when it is its turn. Rejects at once when the signal aborts before that. */
  run<T>({ peer, forwardedFor }: Client, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const piece = async (): Promise<void> => {
        const started = this.#clock.elapsed();
        await work().then(resolve, reject);
        const took = this.#clock.elapsed() - started;
        if (took > 0) await this.#clock.sleep(took, NEVER);
      };
      this.#turns.run({ namespace: peer, name: forwardedFor }, piece, signal).catch(reject);
    });
  }
}
