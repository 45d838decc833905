import type { Condition } from '../../shared/api/status.ts';
import { formatTime } from '../../shared/clock.ts';
import { MAX_MESSAGE } from '../../shared/text.ts';
import { handlingOf, missingMessage, type Outcome, type Reason } from './outcome.ts';

/** A condition without its times. */
interface ConditionContent {
  readonly type: 'Synced' | 'Reconciling' | 'Stalled';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

const OWN_TYPES: ReadonlySet<string> = new Set<ConditionContent['type']>([
  'Synced',
  'Reconciling',
  'Stalled',
]);

/**
 * Returns the conditions that report an outcome, or a reconcile in progress. `Synced` comes first, since the print
 * columns and Argo CD read the first condition. Unless it is True, a condition for kstatus follows: `Stalled` if a person
 * must act, `Reconciling` if a retry may succeed. Conditions of other controllers stay.
 *
 * @param before the conditions in the cluster; a condition keeps its transition time if its status is the same
 */
export function conditionsFor(
  outcome: Outcome | 'processing',
  before: readonly Condition[],
  now: Date,
): readonly Condition[] {
  const time = formatTime(now);
  const own = contentOf(outcome).map((content) => {
    const previous = before.find(({ type }) => type === content.type);
    const same = previous?.status === content.status;
    return {
      ...content,
      lastUpdateTime: time,
      lastTransitionTime: same ? previous.lastTransitionTime : time,
    };
  });
  return [...own, ...before.filter(({ type }) => !OWN_TYPES.has(type))];
}

/** Returns the conditions of the types that this controller writes. */
export function ownConditions(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ type }) => OWN_TYPES.has(type));
}

/** Whether two lists of conditions are equal, apart from their times. */
export function sameConditions(a: readonly Condition[], b: readonly Condition[]): boolean {
  const withoutTimes = (conditions: readonly Condition[]): string =>
    JSON.stringify(conditions.map(({ type, status, reason, message }) => [type, status, reason, message]));
  return withoutTimes(a) === withoutTimes(b);
}

function contentOf(outcome: Outcome | 'processing'): readonly ConditionContent[] {
  if (outcome === 'processing') {
    const processing = {
      reason: 'Processing',
      message: 'reconciling the current generation',
    } as const;
    return [
      { type: 'Synced', status: 'Unknown', ...processing },
      { type: 'Reconciling', status: 'True', ...processing },
    ];
  }
  if (outcome.state !== 'failed') {
    const reason = outcome.applied?.ownership === 'None' ? 'Patched' : 'Unsealed';
    return [{ type: 'Synced', status: 'True', reason, message: missingMessage(outcome) ?? '' }];
  }
  const { reason, retryOn } = handlingOf(outcome.failure);
  const message = outcome.failure.describe({ max: MAX_MESSAGE });
  return [
    { type: 'Synced', status: 'False', reason, message },
    { type: retryOn === 'time' ? 'Reconciling' : 'Stalled', status: 'True', reason, message },
  ];
}
