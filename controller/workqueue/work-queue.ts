import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { Backoff } from './backoff.ts';
import { FairLane } from './fair-lane.ts';
import { Tally } from './tally.ts';

/** What waits: how many keys in each lane and for the end of a pause, and how long the oldest of a lane, in seconds. */
export interface QueueDepths {
  readonly depths: Readonly<Record<Lane | 'delayed', number>>;
  readonly oldest: number;
}

/** What someone waits for now, what failed before, and what is only being gone through. */
export type Lane = 'fresh' | 'retry' | 'backlog';

const LANES: readonly Lane[] = ['fresh', 'retry', 'backlog'];

/** In which order the lanes are looked at, turn by turn: none waits for ever behind the others. */
const LANE_ORDERS: readonly (readonly Lane[])[] = [
  LANES,
  ['retry', 'fresh', 'backlog'],
  LANES,
  ['backlog', 'fresh', 'retry'],
];

/** So much of the long work on keys of one namespace takes up none of that namespace's places. */
const MAX_LONG_PER_NAMESPACE = 16;

const FIRST_RETRY = 500;
const LONGEST_RETRY = 5 * 60_000;

/**
 * The keys of objects to reconcile. A key waits at most once, however often it is added; while it is being worked
 * on it is not handed out again, and one added meanwhile waits until `done`. Namespaces take turns.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #mostOfOne: number;
  readonly #lanes: Readonly<Record<Lane, FairLane>> = {
    // Whoever waits for what he has just applied need not wait for thousands of before.
    fresh: new FairLane('oldest and newest'),
    retry: new FairLane(),
    backlog: new FairLane(),
  };
  /** How many places of each namespace are taken by the keys that are being worked on. */
  readonly #busy = new Tally();
  /** And on how many the work takes long. */
  readonly #long = new Tally();
  readonly #working = new Map<string, { again: Lane | undefined; long: boolean }>();
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: AbortController }>();
  readonly #backoffs = new Map<string, Backoff>();
  /** Since when each key waits in a lane, in milliseconds; the one that waits longest comes first. */
  readonly #since = new Map<string, number>();
  readonly #takers: (() => void)[] = [];
  #turn = 0;

  /** @param mostOfOne keys of one namespace are worked on at a time, so that another never waits for all of them */
  constructor(clock: Clock, mostOfOne = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#mostOfOne = mostOfOne;
  }

  /** Keys that wait now. */
  get size(): number {
    return LANES.reduce((sum, lane) => sum + this.#lanes[lane].size, 0);
  }

  get waiting(): QueueDepths {
    const { fresh, retry, backlog } = this.#lanes;
    const depths = {
      fresh: fresh.size,
      retry: retry.size,
      backlog: backlog.size,
      delayed: this.#delayed.size,
    };
    const [since] = this.#since.values();
    return { depths, oldest: since === undefined ? 0 : (this.#clock.elapsed() - since) / 1000 };
  }

  /** Adds a key, now or after some milliseconds. Of several delayed turns the first one counts, and none after this. */
  add(ref: Ref, lane: Lane, after = 0): void {
    const key = showRef(ref);
    const delayed = this.#delayed.get(key);
    const due = this.#clock.elapsed() + after;
    if (after > 0 && delayed && delayed.due <= due) return;
    delayed?.cancel.abort();
    this.#delayed.delete(key);
    if (after > 0) {
      this.#addLater(ref, lane, after, due);
      return;
    }
    const work = this.#working.get(key);
    if (work) {
      work.again = first(work.again, lane);
      return;
    }
    const waiting = LANES.find((other) => this.#lanes[other].has(ref));
    if (waiting !== undefined) {
      if (first(waiting, lane) === waiting) return;
      this.#lanes[waiting].delete(ref);
    } else {
      this.#since.set(key, due);
    }
    this.#lanes[lane].add(ref);
    this.#takers.shift()?.();
  }

  /** Adds a key that failed, after a pause that grows each time. */
  retry(ref: Ref): void {
    const key = showRef(ref);
    const backoff = this.#backoffs.get(key) ?? new Backoff(FIRST_RETRY, LONGEST_RETRY);
    this.#backoffs.set(key, backoff);
    // What was added during the work comes at once anyway.
    if (this.#working.get(key)?.again === undefined) this.add(ref, 'retry', backoff.next());
  }

  /** Ends the pause of a key, and returns whether it was in one. The pause after its next failure is longer still. */
  bringForward(ref: Ref): boolean {
    const delayed = this.#delayed.has(showRef(ref));
    if (delayed) this.add(ref, 'retry');
    return delayed;
  }

  /** Ends the growing of a key's pauses: it succeeded, or is gone. */
  forget(ref: Ref): void {
    this.#backoffs.delete(showRef(ref));
  }

  /** The next key, as soon as there is one. Rejects when the signal is aborted. */
  async take(signal: AbortSignal): Promise<Ref> {
    for (;;) {
      signal.throwIfAborted();
      const ref = this.#next();
      if (ref !== undefined) {
        this.#working.set(showRef(ref), { again: undefined, long: false });
        this.#busy.add(ref.namespace, 1);
        return ref;
      }
      await this.#somethingAdded(signal);
    }
  }

  /** Says that the work on a key takes long: it makes room for another one of its namespace. */
  markLong(ref: Ref): void {
    const work = this.#working.get(showRef(ref));
    if (work === undefined || work.long || this.#long.of(ref.namespace) >= MAX_LONG_PER_NAMESPACE) return;
    work.long = true;
    this.#busy.add(ref.namespace, -1);
    this.#long.add(ref.namespace, 1);
    this.#takers.shift()?.();
  }

  /** Says that the work on a key is over. Every `take` needs its `done`. */
  done(ref: Ref): void {
    const key = showRef(ref);
    const work = this.#working.get(key);
    this.#working.delete(key);
    (work?.long ? this.#long : this.#busy).add(ref.namespace, -1);
    if (work?.again !== undefined) this.add(ref, work.again);
    // One of the same namespace may have waited for this.
    if (this.size > 0) this.#takers.shift()?.();
  }

  /** Lets go of what was to be added later, and so of its timers. */
  close(): void {
    for (const { cancel } of this.#delayed.values()) cancel.abort();
    this.#delayed.clear();
  }

  #addLater(ref: Ref, lane: Lane, after: number, due: number): void {
    const cancel = new AbortController();
    this.#delayed.set(showRef(ref), { due, cancel });
    this.#clock.sleep(after, cancel.signal).then(
      () => this.add(ref, lane),
      () => undefined,
    );
  }

  #next(): Ref | undefined {
    const order = LANE_ORDERS[this.#turn++ % LANE_ORDERS.length] ?? LANES;
    const may = (namespace: string): boolean => this.#busy.of(namespace) < this.#mostOfOne;
    for (const lane of order) {
      const ref = this.#lanes[lane].take(may);
      if (ref === undefined) continue;
      this.#since.delete(showRef(ref));
      return ref;
    }
    return undefined;
  }

  #somethingAdded(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#takers.splice(this.#takers.indexOf(wake), 1);
        resolve();
      };
      this.#takers.push(wake);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

/** The lane that comes first. */
function first(a: Lane | undefined, b: Lane): Lane {
  return a !== undefined && LANES.indexOf(a) <= LANES.indexOf(b) ? a : b;
}
