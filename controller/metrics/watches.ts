import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import type { WatchObserver } from '../informer/watch-observer.ts';
import { PREFIX } from './prefix.ts';

/** The name of a watch in metrics. */
export type Watched = 'sealedsecrets' | 'secrets' | 'keys';

/** Whether the last list of a watch succeeded; undefined if listing is forbidden. */
type Synced = boolean | undefined;

/** Counts what happens to the watches. There may be one per namespace of each kind. */
export class WatchMetrics {
  readonly #clock: Clock;
  readonly #restarts: Counter<'watch'>;
  readonly #lists: Counter<'watch'>;
  readonly #skipped: Counter<'watch'>;
  readonly #synced: { readonly watch: Watched; synced: Synced }[] = [];
  /** When each watch received something last, in ms of the clock's elapsed time. */
  readonly #last: { readonly watch: Watched; time: number }[] = [];

  constructor(registry: Registry, clock: Clock) {
    const registers = [registry];
    const labelNames = ['watch'] as const;
    const last = this.#last;
    this.#clock = clock;
    this.#restarts = new Counter({
      name: `${PREFIX}watch_restarts_total`,
      help: 'Restarts of a watch. In normal operation one every five to ten minutes.',
      labelNames,
      registers,
    });
    this.#lists = new Counter({
      name: `${PREFIX}watch_lists_total`,
      help: 'Completed lists. In normal operation one every fifteen minutes.',
      labelNames,
      registers,
    });
    this.#skipped = new Counter({
      name: `${PREFIX}watch_skipped_objects_total`,
      help: 'Objects larger than 4 MiB that a list or a watch skipped.',
      labelNames,
      registers,
    });
    const synced = this.#synced;
    new Gauge({
      name: `${PREFIX}watch_synced`,
      help: '1 if the last list succeeded, 0 if not. The lowest of several watches, without forbidden ones.',
      labelNames,
      registers,
      collect() {
        for (const [watch, value] of worst(synced)) this.set({ watch }, value);
      },
    });
    new Gauge({
      name: `${PREFIX}watch_last_event_age_seconds`,
      help: 'Time since a watch last received data; a bookmark arrives every minute. The longest of several watches.',
      labelNames,
      registers,
      collect() {
        for (const [watch, age] of oldest(last, clock.elapsed())) this.set({ watch }, age);
      },
    });
  }

  /** Returns the observer of one more watch. */
  observer(watch: Watched): WatchObserver {
    // Until the watch receives something, its age counts from now.
    const last = { watch, time: this.#clock.elapsed() };
    const state: { watch: Watched; synced: Synced } = { watch, synced: false };
    const observer: WatchObserver = {
      restarted: () => this.#restarts.inc({ watch }),
      listed: () => {
        this.#lists.inc({ watch });
        state.synced = true;
      },
      listFailed: (failure) => {
        state.synced = failure === 'forbidden' ? undefined : false;
      },
      heard: () => {
        last.time = this.#clock.elapsed();
      },
      skipped: () => this.#skipped.inc({ watch }),
    };
    this.#last.push(last);
    this.#synced.push(state);
    for (const counter of [this.#restarts, this.#lists, this.#skipped]) counter.inc({ watch }, 0);
    return observer;
  }
}

/** Returns, for each name, the longest time since one of its watches received something, in seconds. */
function oldest(
  all: Iterable<{ readonly watch: Watched; readonly time: number }>,
  now: number,
): ReadonlyMap<Watched, number> {
  const ages = new Map<Watched, number>();
  for (const { watch, time } of all) ages.set(watch, Math.max(ages.get(watch) ?? 0, (now - time) / 1000));
  return ages;
}

/** Returns 1 for each name whose watches are all synced, and 0 otherwise. Forbidden ones count only if there is no other. */
function worst(
  all: Iterable<{ readonly watch: Watched; readonly synced: Synced }>,
): ReadonlyMap<Watched, number> {
  const values = new Map<Watched, Synced>();
  for (const { watch, synced } of all) {
    const before = values.get(watch);
    values.set(watch, before === undefined || synced === undefined ? (synced ?? before) : before && synced);
  }
  return new Map([...values].map(([watch, synced]) => [watch, synced ? 1 : 0]));
}
