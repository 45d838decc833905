import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Status } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';
import { failureFields } from '../log/log.ts';
import { subjectOf } from '../log/subject.ts';
import type { RepairBackoff } from '../workqueue/repair-backoff.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { EventText } from './events.ts';
import type { LastReportedStatus } from './last-reported-status.ts';
import { outageOf } from './outage.ts';
import type { Outcome } from './outcome.ts';
import { report } from './report.ts';
import { writeStatus, type StatusWriter } from './write-status.ts';

/** The dependencies and settings of status reporting. */
export interface StatusPublisher extends StatusWriter {
  readonly repairBackoff: RepairBackoff;
  readonly lastReported: LastReportedStatus;
  readonly events: EventRecorder;
}

const CONFLICT_EVENT: EventText = {
  type: 'Warning',
  reason: 'ErrUpdateFailed',
  message: 'another client keeps changing the Secret; restoring it with increasing delays of up to 5 minutes',
};

/**
 * Reports the outcome of a reconcile in the status, events, log and metrics, each only if it has changed. Events are
 * recorded later. Returns why the status was not written, or undefined.
 *
 * @throws ApiError with status 409 when the object has changed since it was read, 404 when it is gone
 */
export async function publishStatus(
  { stored, outcome }: { readonly stored: StoredSealedSecret; readonly outcome: Outcome },
  publisher: StatusPublisher,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const { clock, events, lastReported, log, metrics, repairBackoff, updateStatus } = publisher;
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
    if (text) events.record(stored.metadata, text);
  }
  if (warning) log.warn(warning.message, { object: subjectOf(stored.metadata) });
  if (repairBackoff.takeConflict(stored.metadata)) {
    log.warn(CONFLICT_EVENT.message, { object: subjectOf(stored.metadata) });
    events.record(stored.metadata, CONFLICT_EVENT);
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
