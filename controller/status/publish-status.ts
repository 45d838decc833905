import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Condition, Status } from '../../shared/api/status.ts';
import { showRef, type Api } from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { describe, failureOf, type Failure } from '../../shared/errors.ts';
import { recordEvent, type EventText } from './events.ts';
import type { SealedSecretMetrics } from '../metrics/sealed-secrets.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { DedupLogger } from '../log/dedup-logger.ts';
import type { OutageLog } from '../log/outage-log.ts';
import type { RepairBackoff } from '../workqueue/repair-backoff.ts';
import type { LastReportedStatus } from './last-reported-status.ts';
import { outageOf } from './outage.ts';
import type { Outcome } from './outcome.ts';
import { report } from './report.ts';

/** The dependencies and settings of status reporting. */
export interface StatusPublisher {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly dedupLogger: DedupLogger;
  readonly outages: OutageLog;
  readonly repairBackoff: RepairBackoff;
  readonly lastReported: LastReportedStatus;
  readonly metrics: SealedSecretMetrics;
  /** Whether to write the status; events, log lines and metrics do not depend on it. */
  readonly updateStatus: boolean;
}

const CONFLICT_EVENT: EventText = {
  type: 'Warning',
  reason: 'ErrUpdateFailed',
  message:
    'the Secret is changed by someone else again and again: it is restored with growing pauses, up to 5 minutes',
};

/**
 * Reports the outcome of a reconcile in the status, events, log and metrics, each only if it has changed. Returns why
 * the status was not written, or undefined.
 *
 * @throws ApiError with status 409 when the object has changed since it was read, 404 when it is gone
 */
export async function publishStatus(
  { stored, outcome }: { readonly stored: StoredSealedSecret; readonly outcome: Outcome },
  publisher: StatusPublisher,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const { clock, lastReported, log, metrics, repairBackoff, updateStatus } = publisher;
  const { status, write, changed, event, warning } = report({
    outcome,
    object: stored.metadata,
    before: knownStatus(stored, publisher),
    lastReported: lastReported.get(stored),
    now: clock.now(),
  });
  const written =
    write && updateStatus ? await writeStatus({ stored, status }, publisher, signal) : undefined;
  logOutcome({ stored, outcome, changed }, publisher);
  lastReported.set(stored, status);
  metrics.told(stored.metadata, status.conditions);
  for (const text of [event, warning]) {
    if (text) await tryRecordEvent({ stored, event: text }, publisher, signal);
  }
  if (warning) log.warn(warning.message, { object: nameOf(stored) });
  if (repairBackoff.takeConflict(stored.metadata)) {
    log.warn(CONFLICT_EVENT.message, { object: nameOf(stored) });
    await tryRecordEvent({ stored, event: CONFLICT_EVENT }, publisher, signal);
  }
  return written?.ok === false ? written.failure : undefined;
}

/** The object with the status as written, or why the write failed. */
type Written =
  | { readonly ok: true; readonly stored: StoredSealedSecret }
  | { readonly ok: false; readonly failure: Failure };

const STATUS_HEADER = { apiVersion: SEALED_SECRET_VERSION, kind: SEALED_SECRETS.kind };

/**
 * Writes a status. Returns the object with it, or why the write failed; a failure is logged once.
 *
 * @throws ApiError with status 409 when the object has changed since it was read, 404 when it is gone
 */
export async function writeStatus(
  { stored, status }: { readonly stored: StoredSealedSecret; readonly status: Status },
  { api, log, dedupLogger, outages, metrics }: StatusPublisher,
  signal: AbortSignal,
): Promise<Written> {
  const { namespace, name } = stored.metadata;
  const { uid, resourceVersion } = stored.metadata.server;
  const ref = { namespace, name };
  const object = nameOf(stored);
  try {
    // A write to the status subresource ignores the rest of the object, so the body leaves it out.
    const body = { ...STATUS_HEADER, metadata: { ...ref, uid, resourceVersion }, status: statusBody(status) };
    const written = await api.write({ verb: 'replaceStatus', kind: SEALED_SECRETS, ref, body }, signal);
    return { ok: true, stored: written };
  } catch (error) {
    if (signal.aborted || (error instanceof ApiError && [404, 409].includes(error.status))) throw error;
    metrics.failed(ref, 'status');
    const failure = failureOf(error, 'status');
    const cause = outageOf(failure);
    const logInFull = (): void =>
      log.error('the status was not written', { object, ...failureFields(failure) });
    if (cause === undefined) dedupLogger.log(object, describe(failure), logInFull);
    else outages.failed(cause, object, logInFull);
    return { ok: false, failure };
  }
}

/**
 * Returns the status as last reported: the one in the cluster, completed with what was reported but could not be
 * written there or was dropped by the CRD.
 */
export function knownStatus(
  stored: StoredSealedSecret,
  { lastReported, updateStatus }: Pick<StatusPublisher, 'lastReported' | 'updateStatus'>,
): Status {
  const reported = lastReported.get(stored);
  if (!updateStatus) return reported ?? stored.status;
  return { ...stored.status, applied: stored.status.applied ?? reported?.applied };
}

/** Records an event. A failure is only logged: the status holds the same information, so no retry is needed. */
async function tryRecordEvent(
  { stored, event }: { readonly stored: StoredSealedSecret; readonly event: EventText },
  publisher: StatusPublisher,
  signal: AbortSignal,
): Promise<void> {
  const { log, outages } = publisher;
  try {
    await recordEvent({ object: stored.metadata, event }, publisher, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = failureOf(error, 'event');
    const fields = { object: nameOf(stored), ...failureFields(failure) };
    const logInFull = (more?: number): void =>
      log.warn('an event was not recorded', more ? { ...fields, more } : fields);
    const cause = outageOf(failure);
    if (cause === undefined) logInFull();
    else outages.failedOnce(cause, logInFull);
  }
}

function logOutcome(
  {
    stored,
    outcome,
    changed,
  }: { readonly stored: StoredSealedSecret; readonly outcome: Outcome; readonly changed: boolean },
  { log, outages }: StatusPublisher,
): void {
  const object = nameOf(stored);
  if (outcome.state === 'failed') {
    const { failure } = outcome;
    const cause = outageOf(failure);
    const logInFull = (): void => log.error('not unsealed', { object, ...failureFields(failure) });
    if (cause !== undefined) outages.failed(cause, object, logInFull);
    else if (changed) logInFull();
  } else if (outcome.state === 'synced' && outcome.action !== 'unchanged') {
    log.info(`Secret ${outcome.action}`, { object });
  } else if (changed) {
    log.info('unsealed', { object });
  }
}

function nameOf({ metadata }: StoredSealedSecret): string {
  return `SealedSecret ${showRef(metadata)}`;
}

/** Returns the status as JSON without empty strings, which the CRD does not accept as times. */
function statusBody(status: Status): object {
  return {
    observedGeneration: status.observedGeneration,
    conditions: status.conditions.map(conditionBody),
    ...(status.applied ? { applied: status.applied } : {}),
  };
}

function conditionBody({ lastUpdateTime, lastTransitionTime, reason, ...rest }: Condition): object {
  return {
    ...rest,
    ...(lastUpdateTime === '' ? {} : { lastUpdateTime }),
    ...(lastTransitionTime === '' ? {} : { lastTransitionTime }),
    ...(reason === '' ? {} : { reason }),
  };
}
