import { Worker } from 'node:worker_threads';

/** The answers that a neighbour received. */
export interface VerifyingReport {
  /** The distinct status codes; 0 for a request without an answer. */
  readonly statuses: readonly number[];
  /** How long the slowest answer took, in ms. */
  readonly slowest: number;
  /** The number of requests. */
  readonly count: number;
}

/** Posts a body repeatedly, in a worker thread, so that the test's own work does not delay the requests. */
export class VerifyingNeighbour {
  readonly #worker: Worker;
  readonly #report: Promise<VerifyingReport>;

  constructor(url: string, body: string, localAddress: string) {
    const workerData = { url, body, localAddress };
    this.#worker = new Worker(new URL('./verifying-neighbour-thread.js', import.meta.url), { workerData });
    this.#report = new Promise((resolve, reject) => {
      this.#worker.once('message', resolve).once('error', reject);
    });
  }

  /** Stops after the request in flight, and returns the report. */
  stop(): Promise<VerifyingReport> {
    this.#worker.postMessage('stop');
    return this.#report;
  }
}
