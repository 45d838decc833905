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

export interface StatusPublisher {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly dedupLogger: DedupLogger;
  readonly outages: OutageLog;
  readonly repairBackoff: RepairBackoff;
  readonly lastReported: LastReportedStatus;
  readonly metrics: SealedSecretMetrics;
  readonly updateStatus: boolean;
}

const CONFLICT_EVENT: EventText = {
  type: 'Warning',
  reason: 'ErrUpdateFailed',
  message:
    'the Secret is changed by someone else again and again: it is restored with growing pauses, up to 5 minutes',
};

/**
 * Tells of an outcome in the status, in an event and in the log, each only where it says something new. Returns why the
 * status was not written, or undefined. Throws a conflict where the object has changed since it was read.
 */
export async function publishStatus(
  stored: StoredSealedSecret,
  outcome: Outcome,
  teller: StatusPublisher,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const { clock, lastReported } = teller;
  const told = lastReported.get(stored);
  const before = knownStatus(stored, teller);
  const reported = report(outcome, stored.metadata, before, clock.now(), told);
  const { status, write, changed, event, warning } = reported;
  const written =
    write && teller.updateStatus ? await writeStatus(stored, status, teller, signal) : undefined;
  logOutcome(stored, outcome, changed, teller);
  lastReported.set(stored, status);
  teller.metrics.told(stored.metadata, status.conditions);
  for (const each of [event, warning]) if (each) await record(stored, each, teller, signal);
  if (warning) teller.log.warn(warning.message, { object: nameOf(stored) });
  if (teller.repairBackoff.takeConflict(stored.metadata)) {
    teller.log.warn(CONFLICT_EVENT.message, { object: nameOf(stored) });
    await record(stored, CONFLICT_EVENT, teller, signal);
  }
  return written?.ok === false ? written.failure : undefined;
}

/** The object with its status as written, or why that was refused. */
type Written =
  | { readonly ok: true; readonly stored: StoredSealedSecret }
  | { readonly ok: false; readonly failure: Failure };

const STATUS_HEADER = { apiVersion: SEALED_SECRET_VERSION, kind: SEALED_SECRETS.kind };

/**
 * Writes a status, and returns the object with it, or why it was refused, which is logged once. Throws a conflict, and
 * that the object is gone.
 */
export async function writeStatus(
  stored: StoredSealedSecret,
  status: Status,
  { api, log, dedupLogger, outages, metrics }: StatusPublisher,
  signal: AbortSignal,
): Promise<Written> {
  const { namespace, name } = stored.metadata;
  const { uid, resourceVersion } = stored.metadata.server;
  const ref = { namespace, name };
  const object = nameOf(stored);
  try {
    // The API server keeps everything else of the object as it is.
    const body = { ...STATUS_HEADER, metadata: { ...ref, uid, resourceVersion }, status: statusBody(status) };
    const written = await api.write({ verb: 'replaceStatus', kind: SEALED_SECRETS, ref, body }, signal);
    return { ok: true, stored: written };
  } catch (error) {
    if (signal.aborted || (error instanceof ApiError && [404, 409].includes(error.status))) throw error;
    metrics.failed(ref, 'status');
    const failure = failureOf(error, 'status');
    const cause = outageOf(failure);
    const inFull = (): void => log.error('the status was not written', { object, ...failureFields(failure) });
    if (cause === undefined) dedupLogger.log(object, describe(failure), inFull);
    else outages.failed(cause, object, inFull);
    return { ok: false, failure };
  }
}

/** The status as it stands, or as it would, were it written or kept as a whole. */
export function knownStatus(
  stored: StoredSealedSecret,
  { lastReported, updateStatus }: Pick<StatusPublisher, 'lastReported' | 'updateStatus'>,
): Status {
  const told = lastReported.get(stored);
  if (!updateStatus) return told ?? stored.status;
  return { ...stored.status, applied: stored.status.applied ?? told?.applied };
}

async function record(
  stored: StoredSealedSecret,
  event: EventText,
  { api, clock, log, outages }: StatusPublisher,
  signal: AbortSignal,
): Promise<void> {
  try {
    await recordEvent(api, clock, stored.metadata, event, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    // The status tells the same; nothing is done twice for the sake of an event.
    const failure = failureOf(error, 'event');
    const fields = { object: nameOf(stored), ...failureFields(failure) };
    const inFull = (more?: number): void =>
      log.warn('an event was not recorded', more ? { ...fields, more } : fields);
    const cause = outageOf(failure);
    if (cause === undefined) inFull();
    else outages.mentioned(cause, inFull);
  }
}

function logOutcome(
  stored: StoredSealedSecret,
  outcome: Outcome,
  changed: boolean,
  { log, outages }: StatusPublisher,
): void {
  const object = nameOf(stored);
  if (outcome.state === 'failed') {
    const { failure } = outcome;
    const cause = outageOf(failure);
    const inFull = (): void => log.error('not unsealed', { object, ...failureFields(failure) });
    if (cause !== undefined) outages.failed(cause, object, inFull);
    else if (changed) inFull();
  } else if (outcome.state === 'synced' && outcome.action !== 'unchanged') {
    log.info(`Secret ${outcome.action}`, { object });
  } else if (changed) {
    log.info('unsealed', { object });
  }
}

function nameOf({ metadata }: StoredSealedSecret): string {
  return `SealedSecret ${showRef(metadata)}`;
}

/** Without empty fields: a time must be absent or a time. */
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
