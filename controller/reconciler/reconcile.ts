import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { describe, failureOf, type Failure } from '../../shared/errors.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { unseal, type Renderer } from '../../shared/seal/unseal.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import { failureFields } from '../log/log.ts';
import { apply, type ApplyContext } from './apply.ts';
import { deleteOwnedSecret } from './delete-owned-secret.ts';
import { countFailure, countUnsealed } from './count.ts';
import type { PendingChanges } from '../status/pending-changes.ts';
import { outageOf } from '../status/outage.ts';
import { handlingOf, type Outcome } from '../status/outcome.ts';
import { ProcessingNotice } from '../status/progress.ts';
import type { Result, Signals } from '../workqueue/result.ts';
import { isDeprecated } from './admission.ts';
import { RefusedWrite } from './refused-write.ts';
import { knownStatus, publishStatus, type StatusPublisher } from '../status/publish-status.ts';

export interface ReconcileContext extends ApplyContext, StatusPublisher {
  /** For one object, which shares the machine with the others. */
  readonly decrypterFor: (ref: Ref) => Decrypter;
  readonly rendererFor: (ref: Ref) => Renderer;
  readonly acceptV1Data: boolean;
  /** Whether the status tells the API server's own words, without values. */
  readonly showApiMessages: boolean;
  readonly keyUses: KeyUses;
  readonly informers: InformerCache;
  readonly pendingChanges: PendingChanges;
}

/** What the watches know. */
export interface InformerCache {
  /** Whether this controller takes care of the SealedSecret: it may be of no watched namespace, or not be selected. */
  has(ref: Ref): boolean;
  /** The UID of a SealedSecret of the name that is gone, and whose Secret is to go with it. */
  deletedUid(ref: Ref): string | undefined;
  /** Says that the Secret of the departed one was taken care of. */
  markCleanedUp(ref: Ref, uid: string): void;
  /** Whether changes of Secrets are seen; else what they may heal is tried again and again. */
  readonly watchesSecrets: boolean;
}

/**
 * Makes the Secret of one SealedSecret what the SealedSecret says, as both stand now, and reports it. Whatever
 * event led here, the work is the same. Rejects only when the signal to stop is aborted.
 */
export async function reconcile(ref: Ref, context: ReconcileContext, signals: Signals): Promise<Result> {
  const { stop } = signals;
  const object = `SealedSecret ${showRef(ref)}`;
  const waited = context.pendingChanges.take(ref);
  // Where it went with its namespace, and the rights in there, asking for it would be refused for ever.
  if (!context.informers.has(ref) && context.informers.deletedUid(ref) === undefined)
    return forget(ref, context);
  try {
    const stored = await read(ref, context, stop);
    await cleanUp(ref, stored, context, stop);
    if (stored === null || stored.metadata.server.deleting || !context.informers.has(ref)) {
      return forget(ref, context);
    }
    const progress = new ProcessingNotice(stored, waited, context, stop);
    try {
      context.metrics.began(ref);
      const outcome = await unsealAndApply(stored, context, signals);
      if (outcome === 'stale') return 'rest';
      if (outcome.state === 'failed') countFailure(ref, outcome.failure, context.metrics);
      const untold = await publishStatus(await progress.end(), outcome, context, stop);
      const next = resultOf(outcome, untold, context);
      if (next === 'synced') context.outages.ended(object);
      else context.outages.settled(object);
      if (untold === undefined) context.dedupLogger.forget(object);
      return next;
    } finally {
      await progress.end();
    }
  } catch (error) {
    if (stop.aborted) throw error;
    // Someone was faster; the next turn decides on what is there then.
    if (error instanceof ApiError && error.status === 409) return 'retry';
    if (error instanceof ApiError && error.status === 404 && (await isGone(ref, context, stop))) {
      return forget(ref, context);
    }
    const failure = failureOf(error, 'reconcile');
    const cause = outageOf(failure);
    const log = (): void =>
      context.log.error('a reconcile was cut short', { object, ...failureFields(failure) });
    if (cause === undefined) context.dedupLogger.log(object, describe(failure), log);
    else context.outages.failed(cause, object, log);
    return cause === undefined ? 'retry' : { cause };
  }
}

async function read(
  ref: Ref,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<StoredSealedSecret | null> {
  try {
    return await context.api.get(SEALED_SECRETS, ref, signal);
  } catch (error) {
    if (!signal.aborted) context.metrics.failed(ref, 'fetch');
    throw error;
  }
}

/** Whether the SealedSecret went while it was worked on. */
async function isGone(ref: Ref, { api }: ReconcileContext, signal: AbortSignal): Promise<boolean> {
  return (await api.get(SEALED_SECRETS, ref, signal).catch(() => undefined)) === null;
}

/** Takes away what a SealedSecret has left that is gone, or that another of its name has taken the place of. */
async function cleanUp(
  ref: Ref,
  stored: StoredSealedSecret | null,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<void> {
  const departed = context.informers.deletedUid(ref);
  if (departed === undefined) return;
  if (stored?.metadata.server.uid !== departed && (await deleteOwnedSecret(context, ref, departed, signal))) {
    context.log.info('Secret deleted with its SealedSecret', { object: `SealedSecret ${showRef(ref)}` });
  }
  context.informers.markCleanedUp(ref, departed);
}

function forget(ref: Ref, context: ReconcileContext): Result {
  context.lastReported.forget(ref);
  context.repairBackoff.forget(ref);
  context.keyUses.forget(ref);
  context.metrics.forget(ref);
  context.dedupLogger.forget(`SealedSecret ${showRef(ref)}`);
  context.outages.ended(`SealedSecret ${showRef(ref)}`);
  return 'rest';
}

async function unsealAndApply(
  stored: StoredSealedSecret,
  context: ReconcileContext,
  { stop, stale }: Signals,
): Promise<Outcome | 'stale'> {
  const { metadata, sealed } = stored;
  if ('code' in sealed) return { state: 'failed', failure: sealed };
  if (isDeprecated(sealed) && !context.acceptV1Data) {
    return { state: 'failed', failure: { code: 'V1DataRefused' } };
  }
  const place = { source: `SealedSecret ${showRef(metadata)}` };
  try {
    const decrypter = context.decrypterFor(metadata);
    const result = await unseal(sealed, decrypter, context.rendererFor(metadata), place, stale);
    countUnsealed(metadata, result, context.metrics);
    context.keyUses.opened(metadata, result.ok ? result.unsealed.openedBy.values() : []);
    if (!result.ok) return { state: 'failed', failure: result.failure };
    const outcome = await apply(context, metadata, knownStatus(stored, context), result.unsealed, stop);
    return outcome.state === 'failed' ? outcome : { ...outcome, missing: result.unsealed.missing };
  } catch (error) {
    if (stop.aborted) throw error;
    if (stale.aborted) return 'stale';
    const failure =
      error instanceof RefusedWrite
        ? error.failureFor(sealed, context.showApiMessages)
        : failureOf(error, 'reconcile');
    return { state: 'failed', failure };
  }
}

/** @param untold why the status was not written */
function resultOf(outcome: Outcome, untold: Failure | undefined, context: ReconcileContext): Result {
  const failure = outcome.state === 'failed' ? outcome.failure : undefined;
  const cause = (failure && outageOf(failure)) ?? (untold && outageOf(untold));
  if (cause !== undefined) return { cause };
  if (untold) return 'retry';
  if (outcome.state === 'put off') return { after: outcome.after };
  if (failure === undefined) return 'synced';
  const { retryOn } = handlingOf(failure);
  if (retryOn === 'key') return 'key';
  return retryOn === 'time' || (retryOn === 'secret' && !context.informers.watchesSecrets) ? 'retry' : 'rest';
}
