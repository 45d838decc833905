import { isDeepStrictEqual } from 'node:util';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { Condition, Status } from '../../shared/api/status.ts';
import { MAX_MESSAGE } from '../../shared/text.ts';
import type { EventText } from './events.ts';
import { conditionsFor, sameConditions } from './conditions.ts';
import { handlingOf, missingMessage, type Outcome } from './outcome.ts';

/** How to report an outcome. Events are undefined if they would repeat what was last reported. */
export interface Report {
  /** The status that reports the outcome. */
  readonly status: Status;
  /** Whether the status in the cluster differs, so that it has to be written. */
  readonly write: boolean;
  /** Whether the outcome or the generation differs from what was last reported. */
  readonly changed: boolean;
  readonly event: EventText | undefined;
  /** A second event, about a problem that does not prevent the Secret from being synced. */
  readonly warning: EventText | undefined;
}

/** The state from which `report` decides. */
export interface ReportInput {
  readonly outcome: Outcome;
  /** The SealedSecret's metadata. */
  readonly object: Metadata;
  /** The status in the cluster, or the last reported one if status updates are disabled. */
  readonly before: Status;
  /** The status as last reported, if that is known. Without it, `before` counts as reported. */
  readonly lastReported?: Status | undefined;
  readonly now: Date;
}

/** Returns the status and the events that report the outcome of a reconcile. Pure. */
export function report({ outcome, object, before, lastReported = before, now }: ReportInput): Report {
  const status: Status = {
    observedGeneration: object.server.generation,
    conditions: keepsFailure(outcome, before)
      ? before.conditions
      : conditionsFor(outcome, before.conditions, now),
    applied: appliedAfter(outcome, before),
  };
  const changed =
    lastReported.observedGeneration !== status.observedGeneration ||
    !isSameOutcome(syncedOf(lastReported.conditions)[0], syncedOf(status.conditions)[0]);
  const write =
    before.observedGeneration !== status.observedGeneration ||
    !sameConditions(before.conditions, status.conditions) ||
    // If the field is missing although the conditions are equal, the CRD drops it, as the reference's does.
    (before.applied !== undefined && !isDeepStrictEqual(before.applied, status.applied));
  return {
    status,
    write,
    changed,
    ...(changed ? { event: eventOf(outcome), warning: warningOf(outcome) } : NO_EVENTS),
  };
}

/** Returns the status for a new generation whose reconcile takes long, or undefined if the status is not misleading. */
export function processingStatus(object: Metadata, before: Status, now: Date): Status | undefined {
  if (!isMisleading(object, before)) return undefined;
  return {
    observedGeneration: object.server.generation,
    conditions: conditionsFor('processing', before.conditions, now),
    applied: before.applied,
  };
}

/** Whether a status has a True or False of an older generation, which could be mistaken for the result of the current one. */
export function isMisleading(object: Metadata, { observedGeneration, conditions }: Status): boolean {
  if (observedGeneration === object.server.generation) return false;
  const status = syncedOf(conditions)[0]?.status;
  return status === 'True' || status === 'False';
}

/** Whether the outcome is a postponed repair after a failure. The failure stands until the repair is made. */
function keepsFailure(outcome: Outcome, before: Status): boolean {
  return outcome.state === 'postponed' && syncedOf(before.conditions)[0]?.status === 'False';
}

function syncedOf(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ type }) => type === 'Synced');
}

/** Whether two conditions report the same outcome. A previous one without reason, as the reference writes it, matches any. */
function isSameOutcome(before: Condition | undefined, now: Condition | undefined): boolean {
  if (before?.status !== now?.status || before?.message !== now?.message) return false;
  return before?.reason === '' || before?.reason === now?.reason;
}

/**
 * Returns the field `applied`. A failure keeps the previous value. If only the Secret's version differs, because others
 * have changed the Secret, the previous value stays too, so that this alone does not cause a status write.
 */
function appliedAfter(outcome: Outcome, before: Status): Status['applied'] {
  if (outcome.state !== 'synced') return before.applied;
  if (outcome.action !== 'unchanged' || before.applied === undefined) return outcome.applied;
  const { secretResourceVersion } = before.applied;
  const sameBut = { ...outcome.applied, secretResourceVersion };
  return isDeepStrictEqual(sameBut, before.applied) ? before.applied : outcome.applied;
}

const NO_EVENTS = { event: undefined, warning: undefined } as const;

function warningOf(outcome: Outcome): EventText | undefined {
  const message = missingMessage(outcome);
  return message === undefined ? undefined : { type: 'Warning', reason: 'MissingItem', message };
}

const UNSEAL_PREFIX = 'Failed to unseal: ';
const NOT_MANAGED_PREFIX = 'failed update: ';

function eventOf(outcome: Outcome): EventText {
  if (outcome.state !== 'failed') {
    return { type: 'Normal', reason: 'Unsealed', message: 'SealedSecret unsealed successfully' };
  }
  const { event } = handlingOf(outcome.failure);
  const text = outcome.failure.describe({ max: MAX_MESSAGE - UNSEAL_PREFIX.length });
  const message =
    event === 'ErrUnsealFailed' ? `${UNSEAL_PREFIX}${text}` : text.replace(NOT_MANAGED_PREFIX, '');
  return { type: 'Warning', reason: event, message };
}
