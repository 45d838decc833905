import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { processing } from './report.ts';
import { writeStatus, type Teller } from './tell.ts';

/** Work that takes no longer than this, in milliseconds, is not announced: two writes would say less than one. */
const LONG = 2_000;

/**
 * Says in the status of an object whose new generation takes long that the old words are about the old one: Argo CD
 * takes a stale True for the truth.
 */
export class Progress {
  readonly #announced: Promise<StoredSealedSecret>;
  readonly #done = new AbortController();

  constructor(stored: StoredSealedSecret, teller: Teller, signal: AbortSignal) {
    this.#announced = this.#announce(stored, teller, signal);
  }

  /** Ends it. Gives the object as it now is. */
  async end(): Promise<StoredSealedSecret> {
    this.#done.abort();
    return this.#announced;
  }

  async #announce(
    stored: StoredSealedSecret,
    teller: Teller,
    signal: AbortSignal,
  ): Promise<StoredSealedSecret> {
    if (
      !teller.updateStatus ||
      processing(stored.metadata, stored.status, teller.clock.now()) === undefined
    ) {
      return stored;
    }
    try {
      await teller.clock.sleep(LONG, this.#done.signal);
      const status = processing(stored.metadata, stored.status, teller.clock.now());
      const announced = status && (await writeStatus(stored, status, teller, signal));
      if (announced) teller.metrics.told(announced.metadata, announced.status.conditions);
      return announced ?? stored;
    } catch {
      // It was done in time, or the object has changed: then what is written last is refused too.
      return stored;
    }
  }
}
