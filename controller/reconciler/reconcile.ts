import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { failureOf, type Failure } from '../../shared/errors.ts';
import { failureFields } from '../log/log.ts';
import { subjectOf } from '../log/subject.ts';
import { outageOf } from '../status/outage.ts';
import { handlingOf, type Outcome } from '../status/outcome.ts';
import type { PendingChanges } from '../status/pending-changes.ts';
import { ProcessingNotice } from '../status/processing-notice.ts';
import { publishStatus, type StatusPublisher } from '../status/publish-status.ts';
import type { Result, Signals } from '../workqueue/result.ts';
import type { SecretCache } from './apply.ts';
import { cleanUp, type DeletedSealedSecrets } from './clean-up.ts';
import { countFailure } from './count.ts';
import { unsealAndApply, type UnsealContext } from './unseal-and-apply.ts';

/** The dependencies and settings of `reconcile`. */
export interface ReconcileContext extends UnsealContext, StatusPublisher {
  readonly informers: InformerCache;
  readonly pendingChanges: PendingChanges;
}

/** What `reconcile` needs to know from the informers. */
export interface InformerCache extends DeletedSealedSecrets, SecretCache {
  /** Whether this controller manages the SealedSecret: it exists, in a watched namespace, and matches the selector. */
  has(ref: Ref): boolean;
  /** Returns the latest state of a SealedSecret that waits for its reconcile, once; undefined if it is not kept. */
  take(ref: Ref): StoredSealedSecret | undefined;
  /** Ends a reconcile: queues the object again if another client has changed its Secret meanwhile. */
  settle(ref: Ref): void;
  /** Whether changes of Secrets are watched. If not, failures that such a change may fix are retried on a timer. */
  readonly watchesSecrets: boolean;
}

/**
 * Brings the Secret of one SealedSecret in line with it and reports the outcome. Level-triggered: it works from the
 * current state, as the watch delivered it or as it is read now, and does not depend on the event that led here. If the
 * state is outdated, the write of the status conflicts, and the object is reconciled again.
 *
 * Rejects only when `signals.stop` aborts.
 *
 * @example
 * const observe = (seconds: number): void => log.info('reconciled', { seconds });
 * await workers.run((ref, signals) => reconcile(ref, context, signals), observe, signal);
 */
export async function reconcile(ref: Ref, context: ReconcileContext, signals: Signals): Promise<Result> {
  try {
    return await reconcileOnce(ref, context, signals);
  } finally {
    context.informers.settle(ref);
  }
}

async function reconcileOnce(ref: Ref, context: ReconcileContext, signals: Signals): Promise<Result> {
  const { informers } = context;
  const { stop } = signals;
  const waited = context.pendingChanges.take(ref);
  // If its namespace was deleted, so were the controller's rights there, and a read would be refused every time.
  if (!informers.has(ref) && informers.deletedUid(ref) === undefined) return forget(ref, context);
  let uid: string | undefined;
  try {
    const stored = informers.take(ref) ?? (await load(ref, context, stop));
    uid = stored?.metadata.server.uid;
    await cleanUp({ ref, stored }, context, stop);
    if (stored === null || stored.metadata.server.deleting || !informers.has(ref)) {
      return forget(ref, context);
    }
    context.metrics.began(ref);
    const notice = new ProcessingNotice({ stored, waited }, context, stop);
    try {
      const outcome = await unsealAndApply(stored, context, signals);
      if (outcome === 'stale') return 'never';
      return await publish({ stored: await notice.end(), outcome }, context, stop);
    } finally {
      await notice.end();
    }
  } catch (error) {
    return resultOfError(error, { ref, uid, context, stop });
  }
}

async function load(
  ref: Ref,
  { api, metrics }: ReconcileContext,
  signal: AbortSignal,
): Promise<StoredSealedSecret | null> {
  try {
    return await api.get(SEALED_SECRETS, ref, signal);
  } catch (error) {
    if (!signal.aborted) metrics.failed(ref, 'fetch');
    throw error;
  }
}

/** Drops everything kept about an object that this controller does not manage any more. */
export function forget(ref: Ref, context: ReconcileContext): Result {
  context.lastReported.forget(ref);
  context.repairBackoff.forget(ref);
  context.keyUses.forget(ref);
  context.metrics.forget(ref);
  const object = subjectOf(ref);
  context.dedupLogger.forget(object);
  context.outages.ended(object);
  return 'never';
}

/** Reports the outcome, and returns when to reconcile the object again. */
async function publish(
  { stored, outcome }: { readonly stored: StoredSealedSecret; readonly outcome: Outcome },
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<Result> {
  const { dedupLogger, informers, metrics, outages } = context;
  const object = subjectOf(stored.metadata);
  if (outcome.state === 'failed') countFailure(stored.metadata, outcome.failure, metrics);
  const statusFailure = await publishStatus({ stored, outcome }, context, signal);
  const result = resultOf(outcome, statusFailure, informers);
  if (result === 'synced') outages.ended(object);
  else outages.settled(object);
  if (statusFailure === undefined) dedupLogger.forget(object);
  return result;
}

/** @param statusFailure why the status was not written, if it was not */
function resultOf(
  outcome: Outcome,
  statusFailure: Failure | undefined,
  { watchesSecrets }: InformerCache,
): Result {
  const failure = outcome.state === 'failed' ? outcome.failure : undefined;
  const cause = (failure && outageOf(failure)) ?? (statusFailure && outageOf(statusFailure));
  if (cause !== undefined) return { cause };
  if (statusFailure) return 'backoff';
  if (outcome.state === 'postponed') return { after: outcome.after };
  if (failure === undefined) return 'synced';
  const { retryOn } = handlingOf(failure);
  if (retryOn === 'key') return 'onNewKey';
  return retryOn === 'time' || (retryOn === 'secret' && !watchesSecrets) ? 'backoff' : 'never';
}

/** A reconcile that threw an error. */
interface FailedReconcile {
  readonly ref: Ref;
  /** The UID of the object that was reconciled, if it was read. */
  readonly uid: string | undefined;
  readonly context: ReconcileContext;
  readonly stop: AbortSignal;
}

/** Returns when to reconcile an object again whose outcome could not be determined or reported. */
async function resultOfError(error: unknown, { ref, uid, context, stop }: FailedReconcile): Promise<Result> {
  if (stop.aborted) throw error;
  // Another client has changed the object; the next attempt reads the new version.
  if (error instanceof ApiError && error.status === 409) return 'backoff';
  if (error instanceof ApiError && error.status === 404) {
    const current = await context.api.get(SEALED_SECRETS, ref, stop).catch(() => undefined);
    if (current === null) return forget(ref, context);
    // It was deleted and created again; the next attempt reads the new object.
    if (current && uid !== undefined && current.metadata.server.uid !== uid) return 'backoff';
  }
  const failure = failureOf(error, 'reconcile');
  const object = subjectOf(ref);
  const log = (): void =>
    context.log.error('failed to reconcile SealedSecret', { object, ...failureFields(failure) });
  const cause = outageOf(failure);
  if (cause === undefined) context.dedupLogger.log(object, failure.describe(), log);
  else context.outages.failed(cause, object, log);
  return cause === undefined ? 'backoff' : { cause };
}
