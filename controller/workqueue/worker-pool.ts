import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import type { WaitingForKeys } from './waiting-for-keys.ts';
import type { WorkQueue } from './work-queue.ts';
import type { Reconciler, Result } from './result.ts';
import type { Recovery } from './recovery.ts';

/** So many objects are worked on side by side. */
const WORKERS = 8;
/** So many of them are of one namespace: some places are always left for the others. */
export const MAX_PER_NAMESPACE = 6;
/** Work that takes longer, in milliseconds, makes room for others: thousands of items may take minutes. */
const LONG_AFTER = 300;
/** Long work included, no more than so many. */
const MAX_RUNNING = 64;
/** Where all those places are held, and others wait, work that took longer than this, in milliseconds, is put off. */
const PUT_OFF_AFTER = 10_000;
/** So often it is looked whether they are, in milliseconds. */
const CHECK_INTERVAL = 1_000;
/** And so often whether all is done. */
const DRAIN_CHECK_INTERVAL = 20;

/** Learns how long each reconcile took, in seconds, and its result. */
type ReconcileObserver = (seconds: number, result: Result) => void;

/** What the work needs. */
export interface WorkerPoolOptions {
  readonly queue: WorkQueue;
  readonly waitingForKeys: WaitingForKeys;
  readonly recovery: Recovery;
  readonly clock: Clock;
}

interface Running {
  readonly ref: Ref;
  /** When it began. */
  readonly began: number;
  readonly stale: AbortController;
  putOff: boolean;
}

/** Works on what the queue hands out. */
export class WorkerPool {
  readonly #queue: WorkQueue;
  readonly #waiting: WaitingForKeys;
  readonly #recovery: Recovery;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  #long = 0;
  #wake: () => void = () => undefined;

  constructor({ queue, waitingForKeys, recovery, clock }: WorkerPoolOptions) {
    this.#queue = queue;
    this.#waiting = waitingForKeys;
    this.#recovery = recovery;
    this.#clock = clock;
  }

  /** Has each key that the queue hands out its turn until the signal is aborted and what is under way has ended. */
  async run(turn: Reconciler, observe: ReconcileObserver, signal: AbortSignal): Promise<void> {
    const turns = new Set<Promise<void>>();
    while (!signal.aborted) {
      if (this.#running.size - this.#long >= WORKERS || this.#running.size >= MAX_RUNNING) {
        await this.#placeToBeFree();
        continue;
      }
      const ref = await this.#queue.take(signal).catch(() => undefined);
      if (ref === undefined) break;
      const taken = this.#take(ref, turn, observe, signal).finally(() => turns.delete(taken));
      turns.add(taken);
    }
    await Promise.all(turns);
  }

  /** Resolves when nothing is under way and nothing waits; what is to be tried later does not count. */
  async drained(signal: AbortSignal): Promise<void> {
    while (this.#running.size > 0 || this.#queue.size > 0)
      await this.#clock.sleep(DRAIN_CHECK_INTERVAL, signal);
  }

  /** Ends the unsealing of an object that has changed since: its next turn is in the queue. */
  abortStale(ref: Ref): void {
    this.#running.get(showRef(ref))?.stale.abort();
  }

  async #take(ref: Ref, turn: Reconciler, observe: ReconcileObserver, stop: AbortSignal): Promise<void> {
    const stale = new AbortController();
    const follow = (): void => stale.abort();
    stop.addEventListener('abort', follow, { once: true });
    const began = this.#clock.elapsed();
    const running: Running = { ref, began, stale, putOff: false };
    this.#running.set(showRef(ref), running);
    const over = new AbortController();
    const wasLong = this.#becomesLong(ref, over.signal);
    this.#recovery.begun(ref);
    try {
      const { arrivals } = this.#waiting;
      const ended = await turn(ref, { stop, stale: stale.signal });
      const next = running.putOff && ended === 'rest' ? 'retry' : ended;
      const took = (this.#clock.elapsed() - began) / 1000;
      observe(took, next);
      this.#schedule(ref, next, arrivals);
    } catch {
      // Only an aborted signal gets here; what was not done is found again at the next start.
    } finally {
      over.abort();
      stop.removeEventListener('abort', follow);
      this.#running.delete(showRef(ref));
      if (await wasLong) this.#long--;
      this.#queue.done(ref);
      this.#wake();
    }
  }

  #schedule(ref: Ref, next: Result, arrivals: number): void {
    const retries = next === 'retry' || (typeof next === 'object' && 'cause' in next);
    if (!retries) this.#queue.forget(ref);
    if (next !== 'key') this.#waiting.remove(ref);
    if (typeof next === 'object' && 'cause' in next) this.#recovery.failed(ref, next.cause);
    else if (next === 'synced') this.#recovery.succeeded(ref);
    else if (next !== 'retry') this.#recovery.forget(ref);
    if (retries) this.#queue.retry(ref);
    else if (next === 'key') this.#waiting.add(ref, arrivals);
    else if (typeof next === 'object') this.#queue.add(ref, 'retry', next.after);
  }

  async #placeToBeFree(): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await this.#clock.sleep(CHECK_INTERVAL, woken.signal).then(
      () => this.#makeRoom(),
      () => undefined,
    );
  }

  /**
   * Puts off what has had enough, where all places are held and others wait: of the namespace that holds the most, what
   * holds its place for longest. It begins anew after a pause, which grows each time.
   */
  #makeRoom(): void {
    if (this.#running.size < MAX_RUNNING || this.#queue.size === 0) return;
    const held = new Map<string, number>();
    for (const { ref } of this.#running.values()) {
      held.set(ref.namespace, (held.get(ref.namespace) ?? 0) + 1);
    }
    const until = this.#clock.elapsed() - PUT_OFF_AFTER;
    // The one that began first comes first, also after sorting.
    const [last] = [...this.#running.values()]
      .filter(({ began, putOff }) => began <= until && !putOff)
      .sort((a, b) => (held.get(b.ref.namespace) ?? 0) - (held.get(a.ref.namespace) ?? 0));
    if (last === undefined) return;
    last.putOff = true;
    last.stale.abort();
  }

  /** Whether the work was not over in time; from then on it takes up no place. */
  async #becomesLong(ref: Ref, over: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.sleep(LONG_AFTER, over);
    } catch {
      return false;
    }
    this.#long++;
    this.#queue.markLong(ref);
    this.#wake();
    return true;
  }
}
