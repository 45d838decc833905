import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { processing } from './report.ts';
import { writeStatus, type StatusPublisher } from './publish-status.ts';

/** What takes no longer than this, in milliseconds, is not announced: two writes would say less than one. */
export const PROCESSING_AFTER = 2_000;

/**
 * Says in the status of an object whose new generation takes long that the old words are about the old one: Argo CD
 * takes a stale True for the truth.
 */
export class ProcessingNotice {
  readonly #announced: Promise<StoredSealedSecret>;
  readonly #done = new AbortController();

  /** @param waited how long the edit has waited for its turn, in milliseconds: for who reads the status that counts */
  constructor(stored: StoredSealedSecret, waited: number, teller: StatusPublisher, signal: AbortSignal) {
    this.#announced = this.#announce(stored, waited, teller, signal);
  }

  /** Ends it. Gives the object as it now is. */
  async end(): Promise<StoredSealedSecret> {
    this.#done.abort();
    return this.#announced;
  }

  async #announce(
    stored: StoredSealedSecret,
    waited: number,
    teller: StatusPublisher,
    signal: AbortSignal,
  ): Promise<StoredSealedSecret> {
    if (
      !teller.updateStatus ||
      processing(stored.metadata, stored.status, teller.clock.now()) === undefined
    ) {
      return stored;
    }
    try {
      await teller.clock.sleep(Math.max(0, PROCESSING_AFTER - waited), this.#done.signal);
      return (await publishProcessing(stored, teller, signal)) ?? stored;
    } catch {
      // It was done in time, or the object has changed: then what is written last is refused too.
      return stored;
    }
  }
}

/**
 * Says that an object's new generation is being worked on, where the words in its status are older. Gives the object
 * with what was said. Throws a conflict, and that the object is gone.
 */
export async function publishProcessing(
  stored: StoredSealedSecret,
  teller: StatusPublisher,
  signal: AbortSignal,
): Promise<StoredSealedSecret | undefined> {
  const status = processing(stored.metadata, stored.status, teller.clock.now());
  const written = status && (await writeStatus(stored, status, teller, signal));
  if (!written?.ok) return undefined;
  teller.metrics.told(written.stored.metadata, written.stored.status.conditions);
  return written.stored;
}
