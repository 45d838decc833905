import { Counter, type Registry } from 'prom-client';
import { PREFIX } from './prefix.ts';

/** Counts what happens to Kubernetes Events. */
export class EventMetrics {
  readonly #dropped: Counter;

  constructor(registry: Registry) {
    this.#dropped = new Counter({
      name: `${PREFIX}events_dropped_total`,
      help: 'Events that were not recorded because too many waited, or because the controller stopped.',
      registers: [registry],
    });
  }

  /** Counts events that were dropped. */
  readonly dropped = (count: number): void => this.#dropped.inc(count);
}
