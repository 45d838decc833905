import { isDeepStrictEqual } from 'node:util';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { Condition, Status } from '../../shared/api/status.ts';
import { describe } from '../../shared/errors.ts';
import { MAX_MESSAGE } from '../../shared/text.ts';
import type { EventText } from './events.ts';
import { conditionsFor, sayTheSame } from './conditions.ts';
import { handlingOf, missingWords, type Outcome } from './outcome.ts';

/** What is to be told of an outcome; each part is absent where it would say nothing new. */
export interface Report {
  /** The status as it shall be. */
  readonly status: Status;
  /** Whether it has to be written. */
  readonly write: boolean;
  /** Whether the outcome is another one than was last told, or that of another generation. */
  readonly changed: boolean;
  readonly event: EventText | undefined;
  /** A second event: what is not right, though the Secret is synced. */
  readonly warning: EventText | undefined;
}

/**
 * Words the outcome of a reconcile for the status and the events. Pure.
 *
 * @param before the status as it stands in the cluster
 * @param told what was last told of this object, where that is known and could not be written there
 */
export function report(
  outcome: Outcome,
  object: Metadata,
  before: Status,
  now: Date,
  told: Status = before,
): Report {
  const status: Status = {
    observedGeneration: object.server.generation,
    conditions: keepsFailure(outcome, before)
      ? before.conditions
      : conditionsFor(outcome, before.conditions, now),
    applied: applied(outcome, before),
  };
  const changed =
    told.observedGeneration !== status.observedGeneration ||
    !isSameOutcome(syncedOf(told.conditions)[0], syncedOf(status.conditions)[0]);
  const write =
    before.observedGeneration !== status.observedGeneration ||
    !sayTheSame(before.conditions, status.conditions) ||
    // Where the words are ours and this is missing, the cluster's CRD takes it away, as the reference's does.
    (before.applied !== undefined && !isDeepStrictEqual(before.applied, status.applied));
  return {
    status,
    write,
    changed,
    ...(changed ? { event: eventOf(outcome), warning: warningOf(outcome) } : NO_EVENTS),
  };
}

/**
 * The status while work on a new generation takes long; undefined where there is nothing older to be taken for it.
 */
export function processing(object: Metadata, before: Status, now: Date): Status | undefined {
  const [synced] = syncedOf(before.conditions);
  if (before.observedGeneration === object.server.generation) return undefined;
  if (synced?.status !== 'True' && synced?.status !== 'False') return undefined;
  return {
    observedGeneration: object.server.generation,
    conditions: conditionsFor('processing', before.conditions, now),
    applied: before.applied,
  };
}

/** Whether a repair that waits follows a failure, which stands until the repair is made. */
function keepsFailure(outcome: Outcome, before: Status): boolean {
  return outcome.state === 'put off' && syncedOf(before.conditions)[0]?.status === 'False';
}

function syncedOf(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ type }) => type === 'Synced');
}

/** The reference gives no reasons: that there is one now is no news. */
function isSameOutcome(before: Condition | undefined, now: Condition | undefined): boolean {
  if (before?.status !== now?.status || before?.message !== now?.message) return false;
  return before?.reason === '' || before?.reason === now?.reason;
}

/**
 * A Secret that others touch gets a new version each time; that alone is no reason to write a status. A failure
 * leaves standing what was applied before it.
 */
function applied(outcome: Outcome, before: Status): Status['applied'] {
  if (outcome.state !== 'synced') return before.applied;
  if (outcome.action !== 'unchanged' || before.applied === undefined) return outcome.applied;
  const { secretResourceVersion } = before.applied;
  const sameBut = { ...outcome.applied, secretResourceVersion };
  return isDeepStrictEqual(sameBut, before.applied) ? before.applied : outcome.applied;
}

const NO_EVENTS = { event: undefined, warning: undefined } as const;

function warningOf(outcome: Outcome): EventText | undefined {
  const message = missingWords(outcome);
  return message === undefined ? undefined : { type: 'Warning', reason: 'MissingItem', message };
}

const UNSEAL_PREFIX = 'Failed to unseal: ';
const NOT_MANAGED_PREFIX = 'failed update: ';

function eventOf(outcome: Outcome): EventText {
  if (outcome.state !== 'failed') {
    return { type: 'Normal', reason: 'Unsealed', message: 'SealedSecret unsealed successfully' };
  }
  const { event } = handlingOf(outcome.failure);
  const text = describe(outcome.failure, { max: MAX_MESSAGE - UNSEAL_PREFIX.length });
  const message =
    event === 'ErrUnsealFailed' ? `${UNSEAL_PREFIX}${text}` : text.replace(NOT_MANAGED_PREFIX, '');
  return { type: 'Warning', reason: event, message };
}
