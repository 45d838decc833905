import type { Clock } from '../../shared/clock.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { FairQueue } from './fair-queue.ts';
import { TokenBucket } from './token-bucket.ts';

/** How many back-offs end early per second, over all causes. */
const RATE = 20;
/** How many back-offs may end early at once. */
const BURST = 10;
/** How long an object that was brought forward is not brought forward again unless it succeeds, in ms. */
const COOLDOWN = 60_000;
/** How long after the last failure with a cause to bring one of its objects forward as a probe, in ms. */
const PROBE = 5_000;
/** How many causes are probed per PROBE interval. The others take their turns later. */
const MAX_PROBES = 5;

/** An object that has failed since its last success. */
interface FailedObject {
  readonly ref: Ref;
  cause: string;
  /** Until when it is not brought forward, in ms of the clock. */
  cooldownEnds: number;
}

/** The objects in back-off that failed with the same cause. */
interface Cause {
  /** Objects that may be brought forward. */
  readonly ready: FairQueue;
  /** Objects that were brought forward recently, roughly in the order in which their cooldowns end. */
  readonly coolingDown: Map<string, FailedObject>;
  /** When an object last failed with this cause, in ms of the clock. */
  lastFailure: number;
}

/**
 * Ends the back-offs of all objects that failed with the same cause as soon as one of them succeeds, so that after an
 * outage no object waits for a back-off that has grown as long as the outage. Back-offs of objects that failed at the
 * same time also end at about the same time, so every few seconds one object of each cause is brought forward as a
 * probe.
 *
 * An object that keeps failing gains little by sharing a cause with others: its back-off keeps growing, it is brought
 * forward at most once per minute, the rate limit covers all objects and causes, and namespaces take turns.
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #limit: TokenBucket;
  readonly #bringForward: (ref: Ref) => void;
  readonly #failed = new Map<string, FailedObject>();
  /** By the cause of the last failure. */
  readonly #causes = new Map<string, Cause>();
  /** Objects to bring forward at the rate limit. */
  readonly #queue = new FairQueue();
  #wakeReleaser: () => void = () => undefined;
  #wakeProber: () => void = () => undefined;

  /** @param bringForward ends the back-off of an object, if it is still in back-off */
  constructor(clock: Clock, bringForward: (ref: Ref) => void) {
    this.#clock = clock;
    this.#limit = new TokenBucket(clock, { perSecond: RATE, capacity: BURST });
    this.#bringForward = bringForward;
  }

  /** Records that a reconcile of an object has started: its back-off is over. */
  started(ref: Ref): void {
    const key = showRef(ref);
    const failed = this.#failed.get(key);
    if (failed === undefined) return;
    this.#queue.delete(ref);
    const cause = this.#causes.get(failed.cause);
    cause?.ready.delete(ref);
    cause?.coolingDown.delete(key);
    if (cause && sizeOf(cause) === 0) this.#causes.delete(failed.cause);
  }

  /** Records that a reconcile of an object failed with a cause and that its back-off starts. */
  failed(ref: Ref, cause: string): void {
    this.started(ref);
    const key = showRef(ref);
    const failed = this.#failed.get(key) ?? { ref, cause, cooldownEnds: 0 };
    failed.cause = cause;
    this.#failed.set(key, failed);
    const now = this.#clock.elapsed();
    const group = this.#causes.get(cause) ?? {
      ready: new FairQueue(),
      coolingDown: new Map(),
      lastFailure: now,
    };
    this.#causes.set(cause, group);
    group.lastFailure = now;
    if (failed.cooldownEnds > now) group.coolingDown.set(key, failed);
    else group.ready.add(ref);
    this.#wakeProber();
  }

  /** Records that a reconcile of an object succeeded. Brings the objects forward that failed with the same cause. */
  succeeded(ref: Ref): void {
    const cause = this.#failed.get(showRef(ref))?.cause;
    this.forget(ref);
    const group = cause === undefined ? undefined : this.#causes.get(cause);
    if (group === undefined) return;
    for (let next = this.#takeFrom(group); next !== undefined; next = this.#takeFrom(group))
      this.#queue.add(next);
    this.#wakeReleaser();
  }

  /** Forgets an object that is gone or that is not in back-off any more. */
  forget(ref: Ref): void {
    this.started(ref);
    this.#failed.delete(showRef(ref));
  }

  /** Brings objects forward at the rate limit until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#release(signal), this.#probe(signal)]);
  }

  async #release(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wakeReleaser(), { once: true });
    while (!signal.aborted) {
      if (this.#queue.size === 0) {
        await new Promise<void>((resolve) => (this.#wakeReleaser = resolve));
        continue;
      }
      await this.#limit.wait(signal).then(
        () => this.#bringNextForward(),
        () => undefined,
      );
    }
  }

  #bringNextForward(): void {
    const ref = this.#queue.take();
    const failed = ref && this.#failed.get(showRef(ref));
    if (failed === undefined) return;
    failed.cooldownEnds = this.#clock.elapsed() + COOLDOWN;
    this.#bringForward(failed.ref);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wakeProber(), { once: true });
    while (!signal.aborted) {
      if (this.#causes.size === 0) {
        await new Promise<void>((resolve) => (this.#wakeProber = resolve));
        continue;
      }
      await this.#clock.sleep(PROBE, signal).then(
        () => this.#probeCauses(),
        () => undefined,
      );
    }
  }

  #probeCauses(): void {
    const failedBefore = this.#clock.elapsed() - PROBE;
    const due = [...this.#causes].filter(
      // The failure of a single object is not an outage.
      ([, group]) => group.lastFailure <= failedBefore && sizeOf(group) > 1,
    );
    for (const [cause, group] of due.slice(0, MAX_PROBES)) {
      const ref = this.#takeFrom(group);
      if (ref) this.#queue.add(ref);
      // Moves the cause to the end, so that the other causes are probed first.
      this.#causes.delete(cause);
      this.#causes.set(cause, group);
    }
    this.#wakeReleaser();
  }

  /** Removes and returns the next object of a cause that may be brought forward. */
  #takeFrom({ ready, coolingDown }: Cause): Ref | undefined {
    const ref = ready.take();
    if (ref) return ref;
    const [first] = coolingDown.values();
    if (first === undefined || first.cooldownEnds > this.#clock.elapsed()) return undefined;
    coolingDown.delete(showRef(first.ref));
    return first.ref;
  }
}

function sizeOf({ ready, coolingDown }: Cause): number {
  return ready.size + coolingDown.size;
}
