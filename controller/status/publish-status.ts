import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Status } from '../../shared/api/status.ts';
import { failureOf, type Failure } from '../../shared/errors.ts';
import { failureFields } from '../log/log.ts';
import { subjectOf } from '../log/subject.ts';
import type { RepairBackoff } from '../workqueue/repair-backoff.ts';
import { recordEvent, type EventText } from './events.ts';
import type { LastReportedStatus } from './last-reported-status.ts';
import { outageOf } from './outage.ts';
import type { Outcome } from './outcome.ts';
import { report } from './report.ts';
import { writeStatus, type StatusWriter } from './write-status.ts';

/** The dependencies and settings of status reporting. */
export interface StatusPublisher extends StatusWriter {
  readonly repairBackoff: RepairBackoff;
  readonly lastReported: LastReportedStatus;
}

const CONFLICT_EVENT: EventText = {
  type: 'Warning',
  reason: 'ErrUpdateFailed',
  message: 'another client keeps changing the Secret; restoring it with increasing delays of up to 5 minutes',
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
  metrics.setConditions(stored.metadata, status.conditions);
  for (const text of [event, warning]) {
    if (text) await tryRecordEvent({ stored, event: text }, publisher, signal);
  }
  if (warning) log.warn(warning.message, { object: subjectOf(stored.metadata) });
  if (repairBackoff.takeConflict(stored.metadata)) {
    log.warn(CONFLICT_EVENT.message, { object: subjectOf(stored.metadata) });
    await tryRecordEvent({ stored, event: CONFLICT_EVENT }, publisher, signal);
  }
  return written?.ok === false ? written.failure : undefined;
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
    const fields = { object: subjectOf(stored.metadata), ...failureFields(failure) };
    const logInFull = (more?: number): void =>
      log.warn('failed to record event', more ? { ...fields, more } : fields);
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
  const object = subjectOf(stored.metadata);
  if (outcome.state === 'failed') {
    const { failure } = outcome;
    const cause = outageOf(failure);
    const logInFull = (): void =>
      log.error('failed to sync SealedSecret', { object, ...failureFields(failure) });
    if (cause !== undefined) outages.failed(cause, object, logInFull);
    else if (changed) logInFull();
  } else if (outcome.state === 'synced' && outcome.action !== 'unchanged') {
    log.info(`Secret ${outcome.action}`, { object });
  } else if (changed) {
    log.info('unsealed', { object });
  }
}
