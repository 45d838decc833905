import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { processingStatus } from './report.ts';
import { writeStatus, type StatusWriter } from './write-status.ts';

/**
 * How long a change may wait and be worked on before the status says `Processing`, in ms. Faster reconciles write the
 * status once instead of twice.
 */
export const PROCESSING_AFTER = 2_000;

/**
 * Sets the status to `Processing` when the reconcile of a new generation takes long. Otherwise the conditions of the
 * previous generation would stand, and Argo CD takes a stale True as the result of the new one.
 */
export class ProcessingNotice {
  readonly #published: Promise<StoredSealedSecret>;
  readonly #done = new AbortController();

  /** @param request the object, and how long its change has already waited for the reconcile, in ms */
  constructor(
    request: { readonly stored: StoredSealedSecret; readonly waited: number },
    writer: StatusWriter,
    signal: AbortSignal,
  ) {
    this.#published = this.#publish(request, writer, signal);
  }

  /** Cancels the notice if it is not published yet. Returns the object with the status that it has now. */
  async end(): Promise<StoredSealedSecret> {
    this.#done.abort();
    return this.#published;
  }

  async #publish(
    { stored, waited }: { readonly stored: StoredSealedSecret; readonly waited: number },
    writer: StatusWriter,
    signal: AbortSignal,
  ): Promise<StoredSealedSecret> {
    const { updateStatus, clock } = writer;
    if (!updateStatus || processingStatus(stored.metadata, stored.status, clock.now()) === undefined) {
      return stored;
    }
    try {
      await clock.sleep(Math.max(0, PROCESSING_AFTER - waited), this.#done.signal);
      return (await publishProcessing(stored, writer, signal)) ?? stored;
    } catch {
      // The reconcile has ended, or the object has changed, so that the final status write conflicts too.
      return stored;
    }
  }
}

/**
 * Writes the status `Processing` if the current one is about an older generation. Returns the object with the new
 * status, or undefined if nothing was written.
 *
 * @throws ApiError with status 409 when the object has changed since it was read, 404 when it is gone
 */
export async function publishProcessing(
  stored: StoredSealedSecret,
  writer: StatusWriter,
  signal: AbortSignal,
): Promise<StoredSealedSecret | undefined> {
  const status = processingStatus(stored.metadata, stored.status, writer.clock.now());
  const written = status && (await writeStatus({ stored, status }, writer, signal));
  if (!written?.ok) return undefined;
  writer.metrics.setConditions(written.stored.metadata, written.stored.status.conditions);
  return written.stored;
}
