import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { publishProcessing, PROCESSING_AFTER } from './processing-notice.ts';
import type { StatusWriter } from './write-status.ts';

interface PendingChange {
  readonly ref: Ref;
  /** When the informer saw it, in ms of `Clock.elapsed()`. */
  readonly seenAt: number;
}

/**
 * Changes of SealedSecrets that the informer has seen and no reconcile has started on. The status of an object that
 * waits long is set to `Processing`, as `ProcessingNotice` does for a reconcile that takes long.
 */
export class PendingChanges {
  readonly #clock: Clock;
  /** By object, oldest first. */
  readonly #pending = new Map<string, PendingChange>();
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a change. If the object already has one, that one stays. */
  add(ref: Ref): void {
    const key = showRef(ref);
    if (this.#pending.has(key)) return;
    this.#pending.set(key, { ref, seenAt: this.#clock.elapsed() });
    this.#wake();
  }

  /** Removes the change of an object when its reconcile starts. Returns how long it has waited, in ms; 0 without one. */
  take(ref: Ref): number {
    const key = showRef(ref);
    const change = this.#pending.get(key);
    this.#pending.delete(key);
    return change ? this.#clock.elapsed() - change.seenAt : 0;
  }

  /** Publishes `Processing` for changes that wait long, one at a time, until the signal aborts. */
  async run(writer: StatusWriter, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const [oldest] = this.#pending.values();
      if (oldest === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const remaining = oldest.seenAt + PROCESSING_AFTER - this.#clock.elapsed();
      if (remaining > 0) {
        await this.#clock.sleep(remaining, signal).catch(() => undefined);
        continue;
      }
      this.#pending.delete(showRef(oldest.ref));
      if (writer.updateStatus) await readAndPublish(oldest.ref, writer, signal);
    }
    // Another replica reports what waits from here on.
    this.#pending.clear();
  }
}

async function readAndPublish(ref: Ref, writer: StatusWriter, signal: AbortSignal): Promise<void> {
  try {
    const stored = await writer.api.get(SEALED_SECRETS, ref, signal);
    if (stored) await publishProcessing(stored, writer, signal);
  } catch {
    // Either its reconcile has started, or it is gone. The reconcile reports any other failure.
  }
}
