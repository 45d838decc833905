import { Counter, Gauge, type Registry } from 'prom-client';
import { PREFIX } from './prefix.ts';

/** What the metrics read at each scrape. */
export interface LeaderState {
  readonly isLeader: boolean;
  /** How many times this replica has become the leader. */
  readonly terms: number;
}

/** Reports whether this replica is the leader. */
export class LeaderMetrics {
  #state: LeaderState = { isLeader: false, terms: 0 };

  constructor(registry: Registry) {
    const registers = [registry];
    const state = (): LeaderState => this.#state;
    new Gauge({
      name: `${PREFIX}leader`,
      help: '1 if this replica is the leader, which alone writes; otherwise 0.',
      registers,
      collect() {
        this.set(state().isLeader ? 1 : 0);
      },
    });
    new Counter({
      name: `${PREFIX}leader_transitions_total`,
      help: 'Times that this replica has become the leader.',
      registers,
      collect() {
        this.reset();
        this.inc(state().terms);
      },
    });
  }

  /** Reads the state from here on. */
  expose(state: LeaderState): void {
    this.#state = state;
  }

  get isLeader(): boolean {
    return this.#state.isLeader;
  }
}
