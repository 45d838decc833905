import { showRef, type Ref } from '../shared/cluster/api.ts';
import type { Clock } from '../shared/clock.ts';
import { Backoff } from './backoff.ts';

/** What someone waits for now, what failed before, and what is only being gone through. */
export type Lane = 'fresh' | 'retry' | 'backlog';

const LANES: readonly Lane[] = ['fresh', 'retry', 'backlog'];

/** In which order the lanes are looked at, turn by turn: none waits for ever behind the others. */
const TURNS: readonly (readonly Lane[])[] = [
  LANES,
  ['retry', 'fresh', 'backlog'],
  LANES,
  ['backlog', 'fresh', 'retry'],
];

const FIRST_RETRY = 500;
const LONGEST_RETRY = 5 * 60_000;

/**
 * The keys of objects to reconcile. A key waits at most once, however often it is added; while it is being worked
 * on it is not handed out again, and one added meanwhile waits until `done`.
 */
export class Queue {
  readonly #clock: Clock;
  readonly #lanes: Readonly<Record<Lane, Map<string, Ref>>> = {
    fresh: new Map(),
    retry: new Map(),
    backlog: new Map(),
  };
  readonly #working = new Map<string, { again: Lane | undefined }>();
  readonly #delayed = new Map<string, AbortController>();
  readonly #backoffs = new Map<string, Backoff>();
  readonly #takers: (() => void)[] = [];
  #turn = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys that wait now. */
  get size(): number {
    return LANES.reduce((sum, lane) => sum + this.#lanes[lane].size, 0);
  }

  /** Adds a key, now or after some milliseconds. A key added now cancels its delayed turn. */
  add(ref: Ref, lane: Lane, after = 0): void {
    const key = showRef(ref);
    this.#delayed.get(key)?.abort();
    this.#delayed.delete(key);
    if (after > 0) {
      this.#addLater(ref, lane, after);
      return;
    }
    const work = this.#working.get(key);
    if (work) {
      work.again = first(work.again, lane);
      return;
    }
    const waiting = LANES.find((other) => this.#lanes[other].has(key));
    if (waiting !== undefined) {
      if (first(waiting, lane) === waiting) return;
      this.#lanes[waiting].delete(key);
    }
    this.#lanes[lane].set(key, ref);
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
        this.#working.set(showRef(ref), { again: undefined });
        return ref;
      }
      await this.#somethingAdded(signal);
    }
  }

  /** Says that the work on a key is over. Every `take` needs its `done`. */
  done(ref: Ref): void {
    const key = showRef(ref);
    const again = this.#working.get(key)?.again;
    this.#working.delete(key);
    if (again !== undefined) this.add(ref, again);
  }

  /** Lets go of what was to be added later, and so of its timers. */
  close(): void {
    for (const cancel of this.#delayed.values()) cancel.abort();
    this.#delayed.clear();
  }

  #addLater(ref: Ref, lane: Lane, after: number): void {
    const key = showRef(ref);
    const cancel = new AbortController();
    this.#delayed.set(key, cancel);
    this.#clock.sleep(after, cancel.signal).then(
      () => this.add(ref, lane),
      () => undefined,
    );
  }

  #next(): Ref | undefined {
    const order = TURNS[this.#turn++ % TURNS.length] ?? LANES;
    for (const lane of order) {
      for (const [key, ref] of this.#lanes[lane]) {
        this.#lanes[lane].delete(key);
        return ref;
      }
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
