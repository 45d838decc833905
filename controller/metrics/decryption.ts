import { Counter, Histogram, type Registry } from 'prom-client';
import { PREFIX } from './prefix.ts';

/** Counts what opening items costs: each try of a key is a private key operation. */
export class DecryptionMetrics {
  readonly #operations: Counter;
  readonly #tries: Histogram<'opened'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#operations = new Counter({
      name: `${PREFIX}private_operations_total`,
      help: 'RSA private key operations.',
      registers,
    });
    this.#tries = new Histogram({
      name: `${PREFIX}item_tries`,
      help: 'Keys tried on an item, by whether one of them opened it.',
      labelNames: ['opened'],
      buckets: [1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
      registers,
    });
    for (const opened of ['true', 'false']) this.#tries.zero({ opened });
  }

  /** Records how many keys were tried on an item, and whether one opened it. */
  readonly tried = (tries: number, opened: boolean): void => {
    this.#operations.inc(tries);
    this.#tries.observe({ opened: String(opened) }, tries);
  };
}
