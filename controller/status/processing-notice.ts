import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { ABORTED } from '../../shared/clock.ts';
import { isMisleading, processingStatus } from './report.ts';
import { writeStatus, type StatusWriter } from './write-status.ts';

/**
 * How long a change may wait and be worked on before the status says `Processing`, in ms. Faster reconciles write the
 * status once instead of twice.
 */
export const PROCESSING_AFTER = 2_000;

/**
 * Sets the status to `Processing` when the reconcile of a new generation takes long. Otherwise the conditions of the
 * previous generation would stand, and Argo CD takes a stale True as the result of the new one. Does nothing if they
 * cannot be mistaken for it, as for a new object.
 */
export class ProcessingNotice {
  readonly #stored: StoredSealedSecret;
  /** Cancels the notice; undefined if none is needed. */
  readonly #done: AbortController | undefined;
  readonly #published: Promise<StoredSealedSecret> | undefined;

  /** @param request the object, and how long its change has already waited for the reconcile, in ms */
  constructor(
    { stored, waited }: { readonly stored: StoredSealedSecret; readonly waited: number },
    writer: StatusWriter,
    signal: AbortSignal,
  ) {
    this.#stored = stored;
    if (!writer.updateStatus || !isMisleading(stored.metadata, stored.status)) return;
    this.#done = new AbortController();
    const pause = writer.clock.sleep(Math.max(0, PROCESSING_AFTER - waited), this.#done.signal);
    this.#published = pause.then(
      () => publishOrKeep(stored, writer, signal),
      () => stored,
    );
  }

  /** Cancels the notice if it is not published yet. Returns the object with the status that it has now. */
  async end(): Promise<StoredSealedSecret> {
    this.#done?.abort(ABORTED);
    return this.#published ?? this.#stored;
  }
}

/** Publishes `Processing`. Returns the object with the status that it has then. */
async function publishOrKeep(
  stored: StoredSealedSecret,
  writer: StatusWriter,
  signal: AbortSignal,
): Promise<StoredSealedSecret> {
  try {
    return (await publishProcessing(stored, writer, signal)) ?? stored;
  } catch {
    // The object has changed, so that the final status write conflicts too.
    return stored;
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
