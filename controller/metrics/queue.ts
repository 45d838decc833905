import { Histogram, type Registry } from 'prom-client';
import type { Priority } from '../workqueue/work-queue.ts';
import { PREFIX } from './prefix.ts';

/** The values of the label `lane`, by priority. */
const LANES: Readonly<Record<Priority, string>> = { high: 'fresh', retry: 'retry', low: 'backlog' };

/** Measures how long SealedSecrets wait in the queue. */
export class QueueMetrics {
  readonly #wait: Histogram<'lane'>;

  constructor(registry: Registry) {
    this.#wait = new Histogram({
      name: `${PREFIX}queue_wait_seconds`,
      help: 'Time that a SealedSecret waited in the queue, by lane: fresh, retry, backlog.',
      labelNames: ['lane'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers: [registry],
    });
    for (const lane of Object.values(LANES)) this.#wait.zero({ lane });
  }

  /** Records a SealedSecret that was taken, and how long it has waited, in seconds. */
  readonly taken = (priority: Priority, seconds: number): void =>
    this.#wait.observe({ lane: LANES[priority] }, seconds);
}
