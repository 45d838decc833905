import type { Clock } from '../../shared/clock.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { FairLane } from './fair-lane.ts';
import { TokenBucket } from './rate-limit.ts';

/** Objects that are brought forward in a second, in all. */
const RATE = 20;
/** As many of them may be brought forward at once. */
const BURST = 10;
/** An object is brought forward at most once in this time, in ms, until it succeeds. */
const REST = 60_000;
/** While no object of a cause is tried for this time, in ms, one of them is brought forward to try whether it lasts. */
const PROBE = 5_000;
/** As many causes, at most, are probed in that time, in turn. */
const MAX_PROBES = 5;

interface Failed {
  readonly ref: Ref;
  cause: string;
  /** Until when it is left to its own back-off, in ms of the clock. */
  restsUntil: number;
}

/** The objects that failed with one cause and wait for the ends of their back-offs. */
interface Delayed {
  readonly ready: FairLane;
  /** Those that were brought forward shortly before, about in the order in which their rests end. */
  readonly resting: Map<string, Failed>;
  /** When one of them failed last. */
  triedAt: number;
}

/**
 * Ends the pauses of objects whose failures had one cause, as soon as one of them succeeds: after an outage, nobody
 * waits for a back-off that has grown as long as the outage. Objects that failed at the same time have pauses that end
 * at about the same time, so one of them is tried every few seconds.
 *
 * An object that fails for a reason of its own with the same cause, or on purpose, gains little: its back-off goes on
 * growing, it is brought forward at most once a minute, and the rate holds for all objects and causes together.
 * Namespaces take turns.
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #limit: TokenBucket;
  readonly #bringForward: (ref: Ref) => void;
  readonly #failed = new Map<string, Failed>();
  readonly #delayed = new Map<string, Delayed>();
  /** Those whose cause is over, as it seems. */
  readonly #next = new FairLane();
  #wakeRelease: () => void = () => undefined;
  #wakeProbe: () => void = () => undefined;

  /** @param bringForward ends the pause of an object, if it is still in one */
  constructor(clock: Clock, bringForward: (ref: Ref) => void) {
    this.#clock = clock;
    this.#limit = new TokenBucket(clock, RATE, BURST);
    this.#bringForward = bringForward;
  }

  /** Notes that an object is worked on: it is not to be brought forward any more. */
  begun(ref: Ref): void {
    const key = showRef(ref);
    const failed = this.#failed.get(key);
    if (failed === undefined) return;
    this.#next.delete(ref);
    const delayed = this.#delayed.get(failed.cause);
    delayed?.ready.delete(ref);
    delayed?.resting.delete(key);
    if (delayed && sizeOf(delayed) === 0) this.#delayed.delete(failed.cause);
  }

  /** Notes that an object failed with a cause, and waits for the end of its back-off. */
  failed(ref: Ref, cause: string): void {
    this.begun(ref);
    const key = showRef(ref);
    const failed = this.#failed.get(key) ?? { ref, cause, restsUntil: 0 };
    failed.cause = cause;
    this.#failed.set(key, failed);
    const now = this.#clock.elapsed();
    const delayed = this.#delayed.get(cause) ?? { ready: new FairLane(), resting: new Map(), triedAt: now };
    this.#delayed.set(cause, delayed);
    delayed.triedAt = now;
    if (failed.restsUntil > now) delayed.resting.set(key, failed);
    else delayed.ready.add(ref);
    this.#wakeProbe();
  }

  /** Notes that an object succeeded: those that failed with the same cause come forward. */
  succeeded(ref: Ref): void {
    const cause = this.#failed.get(showRef(ref))?.cause;
    this.forget(ref);
    const delayed = cause === undefined ? undefined : this.#delayed.get(cause);
    if (delayed === undefined) return;
    let next = this.#takeFrom(delayed);
    while (next !== undefined) {
      this.#next.add(next);
      next = this.#takeFrom(delayed);
    }
    this.#wakeRelease();
  }

  /** Forgets an object: it is gone, or waits for something else. */
  forget(ref: Ref): void {
    this.begun(ref);
    this.#failed.delete(showRef(ref));
  }

  /** Brings objects forward, at the rate, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#release(signal), this.#probe(signal)]);
  }

  async #release(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wakeRelease(), { once: true });
    while (!signal.aborted) {
      if (this.#next.size === 0) {
        await new Promise<void>((resolve) => (this.#wakeRelease = resolve));
        continue;
      }
      await this.#limit.take(signal).then(
        () => this.#bringNextForward(),
        () => undefined,
      );
    }
  }

  #bringNextForward(): void {
    const ref = this.#next.take(() => true);
    const failed = ref && this.#failed.get(showRef(ref));
    if (failed === undefined) return;
    failed.restsUntil = this.#clock.elapsed() + REST;
    this.#bringForward(failed.ref);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wakeProbe(), { once: true });
    while (!signal.aborted) {
      if (this.#delayed.size === 0) {
        await new Promise<void>((resolve) => (this.#wakeProbe = resolve));
        continue;
      }
      await this.#clock.sleep(PROBE, signal).then(
        () => this.#probeCauses(),
        () => undefined,
      );
    }
  }

  #probeCauses(): void {
    const until = this.#clock.elapsed() - PROBE;
    // The failure of a single object is no outage.
    const silent = [...this.#delayed].filter(([, each]) => each.triedAt <= until && sizeOf(each) > 1);
    for (const [cause, delayed] of silent.slice(0, MAX_PROBES)) {
      const ref = this.#takeFrom(delayed);
      if (ref) this.#next.add(ref);
      // Its next turn comes after those of all other causes.
      this.#delayed.delete(cause);
      this.#delayed.set(cause, delayed);
    }
    this.#wakeRelease();
  }

  /** Takes out the next object that may be brought forward. */
  #takeFrom({ ready, resting }: Delayed): Ref | undefined {
    const ref = ready.take(() => true);
    if (ref) return ref;
    const [first] = resting.values();
    if (first === undefined || first.restsUntil > this.#clock.elapsed()) return undefined;
    resting.delete(showRef(first.ref));
    return first.ref;
  }
}

function sizeOf({ ready, resting }: Delayed): number {
  return ready.size + resting.size;
}
