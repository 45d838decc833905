import { NEVER, type Clock } from '../../shared/clock.ts';
import { FairSemaphore } from '../workqueue/fair-semaphore.ts';
import type { Client } from './client.ts';

/**
 * Limits the CPU time that HTTP requests use to half a core. Runs one piece of work at a time, such as an RSA private-key
 * operation or parsing a body, and then pauses for as long as it took. Alternates between TCP peers, and between the
 * clients behind each peer.
 */
export class HttpCpuBudget {
  readonly #clock: Clock;
  readonly #semaphore = new FairSemaphore(1);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs the work when its turn comes. Rejects immediately if the signal aborts while it waits. */
  run<T>({ peer, forwardedFor }: Client, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const runAndPause = async (): Promise<void> => {
        const started = this.#clock.elapsed();
        await work().then(resolve, reject);
        const took = this.#clock.elapsed() - started;
        if (took > 0) await this.#clock.sleep(took, NEVER);
      };
      this.#semaphore.run({ namespace: peer, name: forwardedFor }, runAndPause, signal).catch(reject);
    });
  }
}
