import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { ABORTED, type Clock } from '../../shared/clock.ts';
import { Backoff } from './backoff.ts';
import { FairQueue } from './fair-queue.ts';
import { Tally } from './tally.ts';

/** A snapshot of the queue. */
export interface QueueDepths {
  /** The number of keys that are ready, by priority, and of those that are delayed. */
  readonly depths: Readonly<Record<Priority | 'delayed', number>>;
  /** How long the oldest ready key has been waiting, in seconds. */
  readonly oldest: number;
  /** How long the oldest key of priority `high` has been waiting with it, in seconds. */
  readonly oldestHigh: number;
}

/** Called for each key that is taken, with its priority and how long it has waited with it, in seconds. */
export type TakeObserver = (priority: Priority, seconds: number) => void;

/**
 * The priority of a key, highest first:
 * - `high`: the object has just changed, and a user may be waiting for the result
 * - `retry`: an earlier reconcile failed, or asked for another one
 * - `low`: nothing changed; the key comes from the initial list or from a sweep over all objects
 */
export type Priority = 'high' | 'retry' | 'low';

/** All priorities, highest first. */
const PRIORITIES: readonly Priority[] = ['high', 'retry', 'low'];

/** The order of the priorities for each `take`, in rotation: half of the time the highest first, and none starves. */
const TAKE_ORDERS: readonly (readonly Priority[])[] = [
  PRIORITIES,
  ['retry', 'high', 'low'],
  PRIORITIES,
  ['low', 'high', 'retry'],
];

/** How many long reconciles of one namespace do not count against its limit. */
const MAX_LONG_PER_NAMESPACE = 16;

/** Upper bound of the first back-off of a key, in ms. */
const FIRST_RETRY = 500;
/** Upper bound of every back-off of a key, in ms. */
const LONGEST_RETRY = 5 * 60_000;

/** A key that was taken and is not done yet. */
interface InProgress {
  /** The priority to add the key with when it is done; undefined if it was not added meanwhile. */
  requeueAs: Priority | undefined;
  long: boolean;
}

/** A key that is added after a delay. */
interface Delayed {
  /** When the key is added, in ms of the clock. */
  readonly due: number;
  readonly cancel: AbortController;
}

/**
 * A queue of the keys of objects to reconcile, with priorities, delays and back-offs. Namespaces take turns.
 *
 * A key is in the queue at most once. It is not handed out while it is in progress; if it is added meanwhile, it is
 * queued again when it is done.
 *
 * @example
 * const queue = new WorkQueue(clock);
 * queue.add({ namespace: 'default', name: 'db' }, 'high');
 * const ref = await queue.take(signal);
 * try {
 *   log.info('working', { ...ref });
 *   queue.forget(ref);
 * } catch {
 *   queue.retry(ref);
 * } finally {
 *   queue.done(ref);
 * }
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #maxPerNamespace: number;
  readonly #ready: Readonly<Record<Priority, FairQueue>> = {
    // A new change of one object is not stuck behind thousands of other changes in its namespace.
    high: new FairQueue('oldest and newest'),
    retry: new FairQueue(),
    low: new FairQueue(),
  };
  /** The number of keys in progress by namespace, except those in `#long`. */
  readonly #busy = new Tally();
  /** The number of keys in progress by namespace that are long. */
  readonly #long = new Tally();
  readonly #inProgress = new Map<string, InProgress>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #backoffs = new Map<string, Backoff>();
  /** By ready key, oldest first: since when it has been ready, in ms of the clock. */
  readonly #readySince = new Map<string, number>();
  /** By ready key of priority `high`, oldest first: since when it has had it, in ms of the clock. */
  readonly #highSince = new Map<string, number>();
  readonly #observeTake: TakeObserver;
  /** Functions that wake the pending calls of `take`, oldest first. */
  readonly #wakeups: (() => void)[] = [];
  #takes = 0;

  /** @param maxPerNamespace how many keys of one namespace may be in progress at once, long ones excluded */
  constructor(
    clock: Clock,
    maxPerNamespace = Number.POSITIVE_INFINITY,
    observeTake: TakeObserver = () => undefined,
  ) {
    this.#clock = clock;
    this.#observeTake = observeTake;
    this.#maxPerNamespace = maxPerNamespace;
  }

  /** The number of ready keys: those that are neither delayed nor in progress. */
  get size(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.#ready[priority].size, 0);
  }

  /** The current depths of the queue. */
  get waiting(): QueueDepths {
    const { high, retry, low } = this.#ready;
    const depths = {
      high: high.size,
      retry: retry.size,
      low: low.size,
      delayed: this.#delayed.size,
    };
    const [since] = this.#readySince.values();
    const [highSince] = this.#highSince.values();
    return { depths, oldest: this.#secondsSince(since), oldestHigh: this.#secondsSince(highSince) };
  }

  /**
   * Adds a key, at once or after a delay in ms.
   *
   * If the key is delayed already, the earlier time counts. If it is ready already, the higher priority counts.
   */
  add(ref: Ref, priority: Priority, delay = 0): void {
    const key = showRef(ref);
    const delayed = this.#delayed.get(key);
    const now = this.#clock.elapsed();
    if (delay > 0 && delayed && delayed.due <= now + delay) return;
    delayed?.cancel.abort(ABORTED);
    this.#delayed.delete(key);
    if (delay > 0) {
      this.#addLater(ref, priority, delay);
      return;
    }
    const inProgress = this.#inProgress.get(key);
    if (inProgress) {
      inProgress.requeueAs = higherOf(inProgress.requeueAs, priority);
      return;
    }
    const current = PRIORITIES.find((other) => this.#ready[other].has(ref));
    if (current !== undefined) {
      if (higherOf(current, priority) === current) return;
      this.#ready[current].delete(ref);
    } else {
      this.#readySince.set(key, now);
    }
    this.#ready[priority].add(ref);
    if (priority === 'high') this.#highSince.set(key, now);
    this.#wakeups.shift()?.();
  }

  /** Adds a key after a back-off, which grows with each call until `forget` is called. */
  retry(ref: Ref): void {
    const key = showRef(ref);
    const backoff = this.#backoffs.get(key) ?? new Backoff(FIRST_RETRY, LONGEST_RETRY);
    this.#backoffs.set(key, backoff);
    // A key that was added while in progress is queued as soon as it is done.
    if (this.#inProgress.get(key)?.requeueAs === undefined) this.add(ref, 'retry', backoff.next());
  }

  /** Ends the delay of a key, if it is delayed, and returns whether it was. Its back-off keeps growing. */
  bringForward(ref: Ref): boolean {
    const delayed = this.#delayed.has(showRef(ref));
    if (delayed) this.add(ref, 'retry');
    return delayed;
  }

  /** Returns whether a key was taken and is not done yet. */
  isInProgress(ref: Ref): boolean {
    return this.#inProgress.has(showRef(ref));
  }

  /** Removes a key that needs no reconcile any more, and resets its back-off. A reconcile in progress goes on. */
  drop(ref: Ref): void {
    const key = showRef(ref);
    this.#delayed.get(key)?.cancel.abort(ABORTED);
    this.#delayed.delete(key);
    for (const priority of PRIORITIES) this.#ready[priority].delete(ref);
    this.#readySince.delete(key);
    this.#highSince.delete(key);
    const inProgress = this.#inProgress.get(key);
    if (inProgress) inProgress.requeueAs = undefined;
    this.forget(ref);
  }

  /** Resets the back-off of a key that succeeded. */
  forget(ref: Ref): void {
    this.#backoffs.delete(showRef(ref));
  }

  /**
   * Takes the next key, and waits if there is none. The key is in progress until `done` is called. Rejects if the signal
   * aborts.
   */
  async take(signal: AbortSignal): Promise<Ref> {
    for (;;) {
      signal.throwIfAborted();
      const ref = this.#next();
      if (ref !== undefined) {
        this.#inProgress.set(showRef(ref), { requeueAs: undefined, long: false });
        this.#busy.add(ref.namespace, 1);
        return ref;
      }
      await this.#wakeup(signal);
    }
  }

  /**
   * Marks a key in progress as long, so that another key of its namespace can be taken. Has no effect if its namespace
   * has MAX_LONG_PER_NAMESPACE such keys already.
   */
  markLong(ref: Ref): void {
    const inProgress = this.#inProgress.get(showRef(ref));
    if (inProgress === undefined || inProgress.long) return;
    if (this.#long.of(ref.namespace) >= MAX_LONG_PER_NAMESPACE) return;
    inProgress.long = true;
    this.#busy.add(ref.namespace, -1);
    this.#long.add(ref.namespace, 1);
    this.#wakeups.shift()?.();
  }

  /** Marks a key as no longer in progress. Must be called once for each key that was taken. */
  done(ref: Ref): void {
    const key = showRef(ref);
    const inProgress = this.#inProgress.get(key);
    this.#inProgress.delete(key);
    (inProgress?.long ? this.#long : this.#busy).add(ref.namespace, -1);
    if (inProgress?.requeueAs !== undefined) this.add(ref, inProgress.requeueAs);
    // A ready key of this namespace may have been over the limit until now.
    if (this.size > 0) this.#wakeups.shift()?.();
  }

  /** Counts the waiting time of all ready keys from now on: before, nothing was taken. */
  restartAges(): void {
    const now = this.#clock.elapsed();
    for (const since of [this.#readySince, this.#highSince]) {
      for (const key of since.keys()) since.set(key, now);
    }
  }

  /** Drops the delayed keys and their timers. */
  close(): void {
    for (const { cancel } of this.#delayed.values()) cancel.abort(ABORTED);
    this.#delayed.clear();
  }

  #addLater(ref: Ref, priority: Priority, delay: number): void {
    const cancel = new AbortController();
    this.#delayed.set(showRef(ref), { due: this.#clock.elapsed() + delay, cancel });
    this.#clock.sleep(delay, cancel.signal).then(
      () => this.add(ref, priority),
      () => undefined,
    );
  }

  #next(): Ref | undefined {
    const order = TAKE_ORDERS[this.#takes++ % TAKE_ORDERS.length] ?? PRIORITIES;
    const isAllowed = (namespace: string): boolean => this.#busy.of(namespace) < this.#maxPerNamespace;
    for (const priority of order) {
      const ref = this.#ready[priority].take(isAllowed);
      if (ref === undefined) continue;
      const key = showRef(ref);
      this.#observeTake(priority, this.#secondsSince(this.#highSince.get(key) ?? this.#readySince.get(key)));
      this.#readySince.delete(key);
      this.#highSince.delete(key);
      return ref;
    }
    return undefined;
  }

  #secondsSince(time: number | undefined): number {
    return time === undefined ? 0 : (this.#clock.elapsed() - time) / 1000;
  }

  /** Resolves when a key may have become available, or when the signal aborts. */
  #wakeup(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.#wakeups.splice(this.#wakeups.indexOf(wake), 1);
        resolve();
      };
      this.#wakeups.push(wake);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

/** Returns the higher of two priorities. */
function higherOf(a: Priority | undefined, b: Priority): Priority {
  return a !== undefined && PRIORITIES.indexOf(a) <= PRIORITIES.indexOf(b) ? a : b;
}
