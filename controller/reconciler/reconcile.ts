import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { commonFailure, Failure, failureOf } from '../../shared/errors.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { unseal, type Renderer } from '../../shared/seal/unseal.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import { failureFields } from '../log/log.ts';
import { subjectOf } from '../log/subject.ts';
import { apply, type ApplyContext } from './apply.ts';
import { deleteOwnedSecret } from './delete-owned-secret.ts';
import { countFailure, countUnsealed } from './count.ts';
import type { PendingChanges } from '../status/pending-changes.ts';
import { outageOf } from '../status/outage.ts';
import { handlingOf, type Outcome } from '../status/outcome.ts';
import { ProcessingNotice } from '../status/processing-notice.ts';
import type { Result, Signals } from '../workqueue/result.ts';
import { isDeprecated } from './admission.ts';
import { RefusedWrite } from './refused-write.ts';
import { knownStatus, publishStatus, type StatusPublisher } from '../status/publish-status.ts';

/** The dependencies and settings of `reconcile`. */
export interface ReconcileContext extends ApplyContext, StatusPublisher {
  /** Returns the decrypter for one object, which takes turns with those of other objects. */
  readonly decrypterFor: (ref: Ref) => Decrypter;
  /** Returns the template renderer for one object, which takes turns with those of other objects. */
  readonly rendererFor: (ref: Ref) => Renderer;
  /** Whether to unseal objects that have only the deprecated `spec.data`. */
  readonly acceptV1Data: boolean;
  /** Whether the status quotes messages of the API server, with values redacted. */
  readonly showApiMessages: boolean;
  readonly keyUses: KeyUses;
  readonly informers: InformerCache;
  readonly pendingChanges: PendingChanges;
}

/** What `reconcile` needs to know from the informers. */
export interface InformerCache {
  /** Whether this controller manages the SealedSecret: it exists, in a watched namespace, and matches the selector. */
  has(ref: Ref): boolean;
  /** Returns the UID of a deleted SealedSecret of this name whose Secret has to be deleted too. */
  deletedUid(ref: Ref): string | undefined;
  /** Marks the deleted SealedSecret's Secret as cleaned up. */
  markCleanedUp(ref: Ref, uid: string): void;
  /** Whether changes of Secrets are watched. If not, failures that such a change may fix are retried on a timer. */
  readonly watchesSecrets: boolean;
}

/**
 * Brings the Secret of one SealedSecret in line with it and reports the outcome. Level-triggered: it reads the current
 * state and does not depend on the event that led here.
 *
 * Rejects only when `signals.stop` aborts.
 */
export async function reconcile(ref: Ref, context: ReconcileContext, signals: Signals): Promise<Result> {
  const { stop } = signals;
  const object = subjectOf(ref);
  const waited = context.pendingChanges.take(ref);
  // If its namespace was deleted, so were the controller's rights there, and a read would be refused every time.
  if (!context.informers.has(ref) && context.informers.deletedUid(ref) === undefined)
    return forget(ref, context);
  try {
    const stored = await read(ref, context, stop);
    await cleanUp({ ref, stored }, context, stop);
    if (stored === null || stored.metadata.server.deleting || !context.informers.has(ref)) {
      return forget(ref, context);
    }
    const notice = new ProcessingNotice({ stored, waited }, context, stop);
    try {
      context.metrics.began(ref);
      const outcome = await unsealAndApply(stored, context, signals);
      if (outcome === 'stale') return 'never';
      if (outcome.state === 'failed') countFailure(ref, outcome.failure, context.metrics);
      const statusFailure = await publishStatus({ stored: await notice.end(), outcome }, context, stop);
      const result = resultOf(outcome, statusFailure, context);
      if (result === 'synced') context.outages.ended(object);
      else context.outages.settled(object);
      if (statusFailure === undefined) context.dedupLogger.forget(object);
      return result;
    } finally {
      await notice.end();
    }
  } catch (error) {
    if (stop.aborted) throw error;
    // Another client has changed the object; the next attempt reads the new version.
    if (error instanceof ApiError && error.status === 409) return 'backoff';
    if (error instanceof ApiError && error.status === 404 && (await isGone(ref, context, stop))) {
      return forget(ref, context);
    }
    const failure = failureOf(error, 'reconcile');
    const cause = outageOf(failure);
    const log = (): void =>
      context.log.error('a reconcile was cut short', { object, ...failureFields(failure) });
    if (cause === undefined) context.dedupLogger.log(object, failure.describe(), log);
    else context.outages.failed(cause, object, log);
    return cause === undefined ? 'backoff' : { cause };
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

/** Whether the SealedSecret was deleted during the reconcile. */
async function isGone(ref: Ref, { api }: ReconcileContext, signal: AbortSignal): Promise<boolean> {
  return (await api.get(SEALED_SECRETS, ref, signal).catch(() => undefined)) === null;
}

/** Deletes the Secret of a SealedSecret that was deleted, or that was replaced by another one of the same name. */
async function cleanUp(
  { ref, stored }: { readonly ref: Ref; readonly stored: StoredSealedSecret | null },
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<void> {
  const ownerUid = context.informers.deletedUid(ref);
  if (ownerUid === undefined) return;
  const isDeleted = stored?.metadata.server.uid !== ownerUid;
  if (isDeleted && (await deleteOwnedSecret({ ref, ownerUid }, context, signal))) {
    context.log.info('Secret deleted with its SealedSecret', { object: subjectOf(ref) });
  }
  context.informers.markCleanedUp(ref, ownerUid);
}

/** Drops everything kept about an object that this controller does not manage any more. */
function forget(ref: Ref, context: ReconcileContext): Result {
  context.lastReported.forget(ref);
  context.repairBackoff.forget(ref);
  context.keyUses.forget(ref);
  context.metrics.forget(ref);
  const object = subjectOf(ref);
  context.dedupLogger.forget(object);
  context.outages.ended(object);
  return 'never';
}

async function unsealAndApply(
  stored: StoredSealedSecret,
  context: ReconcileContext,
  { stop, stale }: Signals,
): Promise<Outcome | 'stale'> {
  const { metadata, sealed } = stored;
  if (sealed instanceof Failure) return { state: 'failed', failure: sealed };
  if (isDeprecated(sealed) && !context.acceptV1Data) {
    return { state: 'failed', failure: commonFailure({ code: 'V1DataRefused' }) };
  }
  const place = { source: subjectOf(metadata) };
  try {
    const decrypter = context.decrypterFor(metadata);
    const result = await unseal(sealed, {
      decrypter,
      renderer: context.rendererFor(metadata),
      place,
      signal: stale,
    });
    countUnsealed(metadata, result, context.metrics);
    context.keyUses.opened(metadata, result.ok ? result.unsealed.openedBy.values() : []);
    if (!result.ok) return { state: 'failed', failure: result.failure };
    const { unsealed } = result;
    const status = knownStatus(stored, context);
    const outcome = await apply({ owner: metadata, status, unsealed }, context, stop);
    return outcome.state === 'failed' ? outcome : { ...outcome, missing: unsealed.missing };
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

/** @param statusFailure why the status was not written, if it was not */
function resultOf(
  outcome: Outcome,
  statusFailure: Failure | undefined,
  { informers }: ReconcileContext,
): Result {
  const failure = outcome.state === 'failed' ? outcome.failure : undefined;
  const cause = (failure && outageOf(failure)) ?? (statusFailure && outageOf(statusFailure));
  if (cause !== undefined) return { cause };
  if (statusFailure) return 'backoff';
  if (outcome.state === 'postponed') return { after: outcome.after };
  if (failure === undefined) return 'synced';
  const { retryOn } = handlingOf(failure);
  if (retryOn === 'key') return 'onNewKey';
  return retryOn === 'time' || (retryOn === 'secret' && !informers.watchesSecrets) ? 'backoff' : 'never';
}
