import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { publishProcessing, PROCESSING_AFTER } from './progress.ts';
import type { StatusPublisher } from './publish-status.ts';

interface PendingChange {
  readonly ref: Ref;
  /** When it was seen. */
  readonly at: number;
}

/**
 * The edits that were seen and wait for their turn. What waits long is said so in the status of its object, as
 * {@link Progress} does for long work: who reads it cannot tell the one from the other.
 */
export class PendingChanges {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #waiting = new Map<string, PendingChange>();
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes an edit. Of several of one object the first counts. */
  add(ref: Ref): void {
    const key = showRef(ref);
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, { ref, at: this.#clock.elapsed() });
    this.#wake();
  }

  /** Says that an object has its turn, or is gone. Gives how long an edit of it has waited, in milliseconds. */
  take(ref: Ref): number {
    const key = showRef(ref);
    const edit = this.#waiting.get(key);
    this.#waiting.delete(key);
    return edit ? this.#clock.elapsed() - edit.at : 0;
  }

  /** Announces what waits long, one after the other, until the signal is aborted. */
  async run(teller: StatusPublisher, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const [edit] = this.#waiting.values();
      if (edit === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const left = edit.at + PROCESSING_AFTER - this.#clock.elapsed();
      if (left > 0) {
        await this.#clock.sleep(left, signal).catch(() => undefined);
        continue;
      }
      this.#waiting.delete(showRef(edit.ref));
      if (teller.updateStatus) await publishProcessingOf(edit.ref, teller, signal);
    }
  }
}

async function publishProcessingOf(ref: Ref, teller: StatusPublisher, signal: AbortSignal): Promise<void> {
  try {
    const stored = await teller.api.get(SEALED_SECRETS, ref, signal);
    if (stored) await publishProcessing(stored, teller, signal);
  } catch {
    // It has its turn by now, or is gone; and what fails otherwise will be told when it has its turn.
  }
}
