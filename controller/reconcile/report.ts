import { isDeepStrictEqual } from 'node:util';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { Condition, Status } from '../../shared/api/status.ts';
import { describe } from '../../shared/errors.ts';
import type { EventText } from '../observe/events.ts';
import { handlingOf, type Outcome } from './outcome.ts';

/** What is to be told of an outcome; each part is absent where it would say nothing new. */
export interface Report {
  readonly status: Status | undefined;
  readonly event: EventText | undefined;
}

/** As long as the message of an event may be, and enough for a line of `kubectl get`. */
const MAX_MESSAGE = 1024;

/** Words the outcome of a reconcile for the status and the events. Pure. */
export function report(outcome: Outcome, object: Metadata, before: Status, now: Date): Report {
  const previous = before.conditions.find((condition) => condition.type === 'Synced');
  const synced = condition(outcome, previous, now);
  const status: Status = {
    observedGeneration: object.server.generation,
    // The print columns and Argo CD read the first condition.
    conditions: [synced, ...before.conditions.filter((other) => other.type !== 'Synced')],
    applied: applied(outcome, before),
  };
  const changed =
    previous?.status !== synced.status ||
    previous.message !== synced.message ||
    before.observedGeneration !== status.observedGeneration;
  return {
    status: isDeepStrictEqual(timeless(status), timeless(before)) ? undefined : status,
    event: changed ? eventOf(outcome) : undefined,
  };
}

function condition(outcome: Outcome, previous: Condition | undefined, now: Date): Condition {
  const failed = outcome.state === 'failed';
  const status = failed ? 'False' : 'True';
  const time = `${now.toISOString().slice(0, 19)}Z`;
  return {
    type: 'Synced',
    status,
    lastUpdateTime: time,
    lastTransitionTime: previous?.status === status ? previous.lastTransitionTime : time,
    reason: failed ? handlingOf(outcome.failure).reason : 'Unsealed',
    message: failed ? capped(describe(outcome.failure)) : '',
  };
}

/**
 * A Secret that others touch gets a new version each time; that alone is no reason to write a status. A failure
 * leaves standing what was applied before it.
 */
function applied(outcome: Outcome, before: Status): Status['applied'] {
  if (outcome.state === 'failed') return before.applied;
  if (outcome.action !== 'unchanged' || before.applied === undefined) return outcome.applied;
  const { secretResourceVersion } = before.applied;
  const sameBut = { ...outcome.applied, secretResourceVersion };
  return isDeepStrictEqual(sameBut, before.applied) ? before.applied : outcome.applied;
}

function timeless(status: Status): Status {
  const conditions = status.conditions.map((other) =>
    other.type === 'Synced' ? { ...other, lastUpdateTime: '' } : other,
  );
  return { ...status, conditions };
}

const NOT_MANAGED_PREFIX = 'failed update: ';

function eventOf(outcome: Outcome): EventText {
  if (outcome.state === 'synced') {
    return { type: 'Normal', reason: 'Unsealed', message: 'SealedSecret unsealed successfully' };
  }
  const { event } = handlingOf(outcome.failure);
  const text = describe(outcome.failure);
  const message =
    event === 'ErrUnsealFailed' ? `Failed to unseal: ${text}` : text.replace(NOT_MANAGED_PREFIX, '');
  return { type: 'Warning', reason: event, message: capped(message) };
}

function capped(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message;
}
