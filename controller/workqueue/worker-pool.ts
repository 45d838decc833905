import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { ABORTED, type Clock } from '../../shared/clock.ts';
import type { WaitingForKeys } from './waiting-for-keys.ts';
import type { WorkQueue } from './work-queue.ts';
import type { Reconciler, Result } from './result.ts';
import type { Recovery } from './recovery.ts';

/** How many objects are reconciled at once, long reconciles excluded. */
const WORKERS = 8;
/** How many of them may be of one namespace, so that some workers are always free for other namespaces. */
export const MAX_PER_NAMESPACE = 6;
/** A reconcile that takes longer, in ms, no longer occupies a worker: thousands of items may take minutes. */
const LONG_AFTER = 300;
/** How many objects are reconciled at once, long reconciles included. */
const MAX_RUNNING = 64;
/** How long a reconcile may take, in ms, before it is postponed if MAX_RUNNING is reached and other keys wait. */
const POSTPONE_AFTER = 10_000;
/** How often to look for reconciles that have become long, in ms. */
const CHECK_INTERVAL = 50;
/** Least time between two reconciles that are postponed, in ms. */
const POSTPONE_INTERVAL = 1_000;
/** How often `drained` checks whether all work is done, in ms. */
const DRAIN_CHECK_INTERVAL = 20;

/** Called after each reconcile with its duration in seconds and its result. */
type ReconcileObserver = (seconds: number, result: Result) => void;

/** What a worker pool depends on. */
export interface WorkerPoolOptions {
  readonly queue: WorkQueue;
  readonly waitingForKeys: WaitingForKeys;
  readonly recovery: Recovery;
  readonly clock: Clock;
}

/** The arguments of `run`. */
interface Run {
  readonly reconcile: Reconciler;
  readonly observe: ReconcileObserver;
  readonly stop: AbortSignal;
}

/** A reconcile in flight. */
interface Running {
  readonly ref: Ref;
  /** When it started, in ms of the clock. */
  readonly startedAt: number;
  readonly stale: AbortController;
  /** Whether it has run for more than LONG_AFTER. */
  long: boolean;
  postponed: boolean;
}

/** Reconciles the objects whose keys the queue hands out, several at once, and requeues them by their results. */
export class WorkerPool {
  readonly #queue: WorkQueue;
  readonly #waitingForKeys: WaitingForKeys;
  readonly #recovery: Recovery;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  /** How many of the running reconciles are long. */
  #long = 0;
  /** When a reconcile was last postponed, in ms of the clock. */
  #postponedAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;
  #wakeWatch: () => void = () => undefined;

  constructor({ queue, waitingForKeys, recovery, clock }: WorkerPoolOptions) {
    this.#queue = queue;
    this.#waitingForKeys = waitingForKeys;
    this.#recovery = recovery;
    this.#clock = clock;
  }

  /**
   * Runs the workers until the signal aborts, then waits for reconciles in flight. Those that were aborted are queued
   * again, without a back-off. May be called again once it has ended.
   */
  async run(reconcile: Reconciler, observe: ReconcileObserver, signal: AbortSignal): Promise<void> {
    const run: Run = { reconcile, observe, stop: signal };
    const inFlight = new Set<Promise<void>>();
    signal.addEventListener('abort', () => this.#abortAll(signal.reason), { once: true });
    const watch = this.#watchLong(signal);
    while (!signal.aborted) {
      if (this.#isFull()) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const ref = await this.#queue.take(signal).catch(() => undefined);
      if (ref === undefined) break;
      const reconciled = this.#reconcile(ref, run).finally(() => inFlight.delete(reconciled));
      inFlight.add(reconciled);
    }
    await Promise.all([...inFlight, watch]);
  }

  /**
   * Resolves when no reconcile is running and no key is ready. Does not wait for delayed keys. Rejects when the signal
   * aborts.
   */
  async drained(signal: AbortSignal): Promise<void> {
    while (this.#running.size > 0 || this.#queue.size > 0)
      await this.#clock.sleep(DRAIN_CHECK_INTERVAL, signal);
  }

  /** Stops unsealing an outdated state of an object. The caller has queued the object for its new state. */
  abortStale(ref: Ref): void {
    this.#running.get(showRef(ref))?.stale.abort(ABORTED);
  }

  #isFull(): boolean {
    return this.#running.size - this.#long >= WORKERS || this.#running.size >= MAX_RUNNING;
  }

  #abortAll(reason: unknown): void {
    for (const { stale } of this.#running.values()) stale.abort(reason);
    this.#wake();
    this.#wakeWatch();
  }

  async #reconcile(ref: Ref, { reconcile, observe, stop }: Run): Promise<void> {
    const startedAt = this.#clock.elapsed();
    const running: Running = { ref, startedAt, stale: new AbortController(), long: false, postponed: false };
    this.#running.set(showRef(ref), running);
    this.#wakeWatch();
    this.#recovery.started(ref);
    try {
      const { generation } = this.#waitingForKeys;
      const returned = await reconcile(ref, { stop, stale: running.stale.signal });
      const result = running.postponed && returned === 'never' ? 'backoff' : returned;
      if (stop.aborted && result !== 'synced') throw new Error('aborted');
      const seconds = (this.#clock.elapsed() - startedAt) / 1000;
      observe(seconds, result);
      this.#schedule(ref, result, generation);
    } catch {
      // A reconcile rejects only when the run is aborted. If there is another one, it reconciles the object again.
      this.#queue.add(ref, 'high');
    } finally {
      this.#running.delete(showRef(ref));
      if (running.long) this.#long--;
      this.#queue.done(ref);
      this.#wake();
    }
  }

  #schedule(ref: Ref, result: Result, generation: number): void {
    const cause = typeof result === 'object' && 'cause' in result ? result.cause : undefined;
    const backsOff = result === 'backoff' || cause !== undefined;
    if (!backsOff) this.#queue.forget(ref);
    if (result !== 'onNewKey') this.#waitingForKeys.remove(ref);
    if (cause !== undefined) this.#recovery.failed(ref, cause);
    else if (result === 'synced') this.#recovery.succeeded(ref);
    else if (result !== 'backoff') this.#recovery.forget(ref);
    if (backsOff) this.#queue.retry(ref);
    else if (result === 'onNewKey') this.#waitingForKeys.add(ref, generation);
    else if (typeof result === 'object' && 'after' in result) this.#queue.add(ref, 'retry', result.after);
  }

  /** Looks for long reconciles while any run, until the signal aborts. One timer serves all of them. */
  async #watchLong(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#running.size === 0) {
        await new Promise<void>((resolve) => (this.#wakeWatch = resolve));
        continue;
      }
      await this.#clock.sleep(CHECK_INTERVAL, signal).then(
        () => this.#checkRunning(),
        () => undefined,
      );
    }
  }

  #checkRunning(): void {
    const startedBefore = this.#clock.elapsed() - LONG_AFTER;
    for (const running of this.#running.values()) {
      if (!running.long && running.startedAt <= startedBefore) this.#markLong(running);
    }
    this.#postponeOne();
  }

  /** Frees the worker of a reconcile that takes longer than LONG_AFTER. */
  #markLong(running: Running): void {
    running.long = true;
    this.#long++;
    this.#queue.markLong(running.ref);
    this.#wake();
  }

  /**
   * Postpones one reconcile if MAX_RUNNING is reached and other keys wait, at most one per POSTPONE_INTERVAL: the oldest
   * that runs for more than POSTPONE_AFTER, in the namespace with the most running reconciles. It starts from the
   * beginning after a back-off.
   */
  #postponeOne(): void {
    const now = this.#clock.elapsed();
    if (this.#running.size < MAX_RUNNING || this.#queue.size === 0) return;
    if (now - this.#postponedAt < POSTPONE_INTERVAL) return;
    const perNamespace = new Map<string, number>();
    for (const { ref } of this.#running.values()) {
      perNamespace.set(ref.namespace, (perNamespace.get(ref.namespace) ?? 0) + 1);
    }
    const startedBefore = now - POSTPONE_AFTER;
    // The sort is stable, so within a namespace the oldest stays first.
    const [candidate] = [...this.#running.values()]
      .filter(({ startedAt, postponed }) => startedAt <= startedBefore && !postponed)
      .sort((a, b) => (perNamespace.get(b.ref.namespace) ?? 0) - (perNamespace.get(a.ref.namespace) ?? 0));
    if (candidate === undefined) return;
    candidate.postponed = true;
    this.#postponedAt = now;
    candidate.stale.abort(ABORTED);
  }
}
