import { NEVER } from '../../shared/clock.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { FairQueue } from './fair-queue.ts';

/**
 * Limits how many operations run at once, such as private key operations. Waiting operations start in
 * turn: first by namespace, then by owner within the namespace. An owner with many operations therefore delays every
 * other owner by one operation only.
 *
 * @example
 * import { openEnvelope } from '../../shared/crypto/open-envelope.ts';
 *
 * const semaphore = new FairSemaphore(4);
 * const value = await semaphore.run(ref, () => openEnvelope(envelope, key, label), signal);
 */
export class FairSemaphore {
  readonly #permits: number;
  /** The owners of waiting operations. */
  readonly #owners = new FairQueue();
  /** By owner: functions that start its waiting operations, oldest first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #held = 0;

  /** @param permits how many operations may run at once */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /**
   * Runs an operation as soon as it gets a permit, and returns its result.
   *
   * Rejects at once if the signal aborts while the operation waits. The semaphore then drops every reference to the
   * operation, so that data it captured, such as a request body, can be collected.
   */
  async run<T>(owner: Ref, operation: () => Promise<T>, signal: AbortSignal = NEVER): Promise<T> {
    signal.throwIfAborted();
    if (this.#held < this.#permits) this.#held++;
    else await this.#waitForPermit(owner, signal);
    try {
      return await operation();
    } finally {
      this.#release();
    }
  }

  #waitForPermit(owner: Ref, signal: AbortSignal): Promise<void> {
    const key = showRef(owner);
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', cancel);
        resolve();
      };
      const cancel = (): void => {
        this.#remove(owner, start);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', cancel, { once: true });
      const starts = this.#waiting.get(key) ?? [];
      starts.push(start);
      this.#waiting.set(key, starts);
      this.#owners.add(owner);
    });
  }

  #remove(owner: Ref, start: () => void): void {
    const key = showRef(owner);
    const others = (this.#waiting.get(key) ?? []).filter((each) => each !== start);
    if (others.length > 0) {
      this.#waiting.set(key, others);
    } else {
      this.#waiting.delete(key);
      this.#owners.delete(owner);
    }
  }

  /** Passes the permit to the next waiting operation, if any. */
  #release(): void {
    const owner = this.#owners.take();
    if (owner === undefined) {
      this.#held--;
      return;
    }
    const key = showRef(owner);
    const [start, ...others] = this.#waiting.get(key) ?? [];
    if (others.length === 0) {
      this.#waiting.delete(key);
    } else {
      this.#waiting.set(key, others);
      this.#owners.add(owner);
    }
    start?.();
  }
}
