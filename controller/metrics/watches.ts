import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import type { Observer } from '../watch/reflector.ts';
import { PREFIX } from './prefix.ts';

/** What is watched. */
export type Watched = 'sealedsecrets' | 'secrets' | 'keys';

/** How well the controller hears what happens in the cluster. There may be a watch for each namespace. */
export class WatchMetrics {
  readonly #clock: Clock;
  readonly #restarts: Counter<'watch'>;
  readonly #lists: Counter<'watch'>;
  /** When each watch heard something last. */
  readonly #last = new Map<Observer, { readonly watch: Watched; time: number }>();

  constructor(registry: Registry, clock: Clock) {
    const registers = [registry];
    const labelNames = ['watch'] as const;
    const last = this.#last;
    this.#clock = clock;
    this.#restarts = new Counter({
      name: `${PREFIX}watch_restarts_total`,
      help: 'How often a watch was opened again: every five to ten minutes where nothing is wrong.',
      labelNames,
      registers,
    });
    this.#lists = new Counter({
      name: `${PREFIX}watch_lists_total`,
      help: 'How often everything was listed anew: every fifteen minutes where nothing is wrong.',
      labelNames,
      registers,
    });
    new Gauge({
      name: `${PREFIX}watch_last_event_age_seconds`,
      help: 'Time since a watch heard from the API server, at the latest by a bookmark each minute; of several, the longest.',
      labelNames,
      registers,
      collect() {
        for (const [watch, age] of oldest(last.values(), clock.elapsed())) this.set({ watch }, age);
      },
    });
  }

  /** The observer of one more watch. */
  observer(watch: Watched): Observer {
    const observer: Observer = {
      restarted: () => this.#restarts.inc({ watch }),
      listed: () => this.#lists.inc({ watch }),
      heard: () => void this.#last.set(observer, { watch, time: this.#clock.elapsed() }),
    };
    this.#restarts.inc({ watch }, 0);
    this.#lists.inc({ watch }, 0);
    // As long as nothing was heard it counts from here.
    observer.heard();
    return observer;
  }
}

/** The longest time in seconds since one of a kind heard something. */
function oldest(
  all: Iterable<{ readonly watch: Watched; readonly time: number }>,
  now: number,
): ReadonlyMap<Watched, number> {
  const ages = new Map<Watched, number>();
  for (const { watch, time } of all) ages.set(watch, Math.max(ages.get(watch) ?? 0, (now - time) / 1000));
  return ages;
}
