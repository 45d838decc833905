import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Condition, Status } from '../../shared/api/status.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { failureOf, type Failure } from '../../shared/errors.ts';
import type { SealedSecretMetrics } from '../metrics/sealed-secrets.ts';
import { failureFields, type Log } from '../log/log.ts';
import { subjectOf } from '../log/subject.ts';
import type { DedupLogger } from '../log/dedup-logger.ts';
import type { OutageLog } from '../log/outage-log.ts';
import { outageOf } from './outage.ts';

/** The dependencies and settings for writes of a status. */
export interface StatusWriter {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly dedupLogger: DedupLogger;
  readonly outages: OutageLog;
  readonly metrics: SealedSecretMetrics;
  /** Whether to write the status; events, log lines and metrics do not depend on it. */
  readonly updateStatus: boolean;
}

/** The object with the status as written, or why the write failed. */
export type Written =
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
  { api, log, dedupLogger, outages, metrics }: StatusWriter,
  signal: AbortSignal,
): Promise<Written> {
  const { namespace, name } = stored.metadata;
  const { uid, resourceVersion } = stored.metadata.server;
  const ref = { namespace, name };
  const object = subjectOf(stored.metadata);
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
    const logInFull = (): void => log.error('failed to update status', { object, ...failureFields(failure) });
    if (cause === undefined) dedupLogger.log(object, failure.describe(), logInFull);
    else outages.failed(cause, object, logInFull);
    return { ok: false, failure };
  }
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
