import { Worker } from 'node:worker_threads';

/** What a neighbour has been answered so far. */
export interface NeighbourReport {
  /** Each status once; 0 where there was no answer. */
  readonly statuses: readonly number[];
  /** How long the slowest answer took, in ms. */
  readonly slowest: number;
  readonly count: number;
}

/** Posts a body again and again, on a thread of its own: what else the test does, costs it no time. */
export class VerifyingNeighbour {
  readonly #worker: Worker;
  readonly #report: Promise<NeighbourReport>;

  constructor(url: string, body: string, localAddress: string) {
    const workerData = { url, body, localAddress };
    this.#worker = new Worker(new URL('./verifying-neighbour-thread.js', import.meta.url), { workerData });
    this.#report = new Promise((resolve, reject) => {
      this.#worker.once('message', resolve).once('error', reject);
    });
  }

  /** Stops after the request that is under way. */
  stop(): Promise<NeighbourReport> {
    this.#worker.postMessage('stop');
    return this.#report;
  }
}
