import { showRef, type Ref } from '../shared/cluster/api.ts';
import type { Clock } from '../shared/clock.ts';
import type { WaitingForKeys } from './keys/waiting.ts';
import type { Queue } from './queue.ts';
import { reconcile, type Context } from './reconcile/reconcile.ts';

/** So many objects are worked on side by side. */
const WORKERS = 8;
/** So many of them are of one namespace: some places are always left for the others. */
export const MOST_OF_ONE = 6;
/** Work that takes longer, in milliseconds, makes room for others: thousands of items may take minutes. */
const LONG = 300;
/** Long work included, no more than so many. */
const MOST = 64;

/** Works on what the queue hands out. */
export class Work {
  readonly #queue: Queue;
  readonly #waiting: WaitingForKeys;
  readonly #clock: Clock;
  readonly #running = new Map<string, AbortController>();
  #long = 0;
  #wake: () => void = () => undefined;

  constructor(queue: Queue, waiting: WaitingForKeys, clock: Clock) {
    this.#queue = queue;
    this.#waiting = waiting;
    this.#clock = clock;
  }

  /** Works until the signal is aborted, and until what is under way has ended. */
  async run(context: Context, signal: AbortSignal): Promise<void> {
    const turns = new Set<Promise<void>>();
    while (!signal.aborted) {
      if (this.#running.size - this.#long >= WORKERS || this.#running.size >= MOST) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const ref = await this.#queue.take(signal).catch(() => undefined);
      if (ref === undefined) break;
      const turn = this.#turn(ref, context, signal).finally(() => turns.delete(turn));
      turns.add(turn);
    }
    await Promise.all(turns);
  }

  /** Ends the unsealing of an object that has changed since: its next turn is in the queue. */
  supersede(ref: Ref): void {
    this.#running.get(showRef(ref))?.abort();
  }

  async #turn(ref: Ref, context: Context, stop: AbortSignal): Promise<void> {
    const stale = new AbortController();
    const follow = (): void => stale.abort();
    stop.addEventListener('abort', follow, { once: true });
    this.#running.set(showRef(ref), stale);
    const over = new AbortController();
    const wasLong = this.#becomesLong(ref, over.signal);
    const began = this.#clock.now().getTime();
    try {
      const { arrivals } = this.#waiting;
      const next = await reconcile(ref, context, { stop, stale: stale.signal });
      const took = (this.#clock.now().getTime() - began) / 1000;
      context.metrics.worked(took, typeof next === 'string' ? next : 'later');
      if (next !== 'retry') this.#queue.forget(ref);
      if (next !== 'key') this.#waiting.remove(ref);
      if (next === 'retry') this.#queue.retry(ref);
      else if (next === 'key') this.#waiting.add(ref, arrivals);
      else if (next !== 'rest') this.#queue.add(ref, 'retry', next.after);
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

  /** Whether the work was not over in time; from then on it takes up no place. */
  async #becomesLong(ref: Ref, over: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.sleep(LONG, over);
    } catch {
      return false;
    }
    this.#long++;
    this.#queue.takesLong(ref);
    this.#wake();
    return true;
  }
}
