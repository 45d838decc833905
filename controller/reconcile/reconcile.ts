import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Condition, Status } from '../../shared/api/status.ts';
import { showRef, type Ref } from '../../shared/cluster/api.ts';
import { ApiError } from '../../shared/cluster/api-error.ts';
import { SEALED_SECRETS } from '../../shared/cluster/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';
import { unseal, type Decrypter, type Renderer } from '../../shared/seal/unseal.ts';
import { recordEvent } from '../observe/events.ts';
import { failureFields, type Log } from '../observe/log.ts';
import { apply, type Applier } from './apply.ts';
import { handlingOf, type Outcome } from './outcome.ts';
import { report } from './report.ts';

export interface Context extends Applier {
  readonly decrypter: Decrypter;
  readonly renderer: Renderer;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the queue does with the key: nothing, until something changes, or another turn after a pause. */
export type Next = 'rest' | 'retry';

/**
 * Makes the Secret of one SealedSecret what the SealedSecret says, as both stand now, and reports it. Whatever
 * event led here, the work is the same. Rejects only when the signal is aborted.
 */
export async function reconcile(ref: Ref, context: Context, signal: AbortSignal): Promise<Next> {
  const object = `SealedSecret ${showRef(ref)}`;
  try {
    const stored = await context.api.get(SEALED_SECRETS, ref, signal);
    if (stored === null || stored.metadata.server.deleting) return 'rest';
    const outcome = await outcomeOf(stored, context, signal);
    logOutcome(object, outcome, context.log);
    await tell(stored, outcome, context, signal);
    return outcome.state === 'failed' && handlingOf(outcome.failure).retry === 'timer' ? 'retry' : 'rest';
  } catch (error) {
    if (signal.aborted) throw error;
    // Someone was faster; the next turn decides on what is there then.
    if (error instanceof ApiError && error.status === 409) return 'retry';
    context.log.error('a reconcile was cut short', {
      object,
      ...failureFields(failureOf(error, 'reconcile')),
    });
    return 'retry';
  }
}

async function outcomeOf(
  stored: StoredSealedSecret,
  context: Context,
  signal: AbortSignal,
): Promise<Outcome> {
  const { metadata, sealed, status } = stored;
  if ('code' in sealed) return { state: 'failed', failure: sealed };
  const place = { source: `SealedSecret ${showRef(metadata)}` };
  try {
    const result = await unseal(sealed, context.decrypter, context.renderer, place, signal);
    if (!result.ok) return { state: 'failed', failure: result.failure };
    return await apply(context, metadata, status.applied, result.unsealed.secret, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return { state: 'failed', failure: failureOf(error, 'reconcile') };
  }
}

async function tell(
  stored: StoredSealedSecret,
  outcome: Outcome,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const { api, gate, clock } = context;
  const { metadata } = stored;
  const { status, event } = report(outcome, metadata, stored.status, clock.now());
  if (status) {
    const body = { ...stored.raw, status: statusBody(status) };
    const ref = { namespace: metadata.namespace, name: metadata.name };
    await api.write({ verb: 'replaceStatus', kind: SEALED_SECRETS, ref, body }, gate, signal);
  }
  if (event) {
    await recordEvent(api, gate, clock, metadata, event, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      // The status tells the same; nothing is done twice for the sake of an event.
      const object = `SealedSecret ${showRef(metadata)}`;
      context.log.warn('an event was not recorded', { object, ...failureFields(failureOf(error, 'event')) });
    });
  }
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

function logOutcome(object: string, outcome: Outcome, log: Log): void {
  if (outcome.state === 'failed') log.warn('not unsealed', { object, ...failureFields(outcome.failure) });
  else if (outcome.action !== 'unchanged') log.info(`Secret ${outcome.action}`, { object });
}
