import type { Condition } from '../../shared/api/status.ts';
import { describe } from '../../shared/errors.ts';
import { MAX_MESSAGE } from '../../shared/text.ts';
import { handlingOf, missingWords, type Outcome, type Reason } from './outcome.ts';

interface Finding {
  readonly type: 'Synced' | 'Reconciling' | 'Stalled';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

const OWN: ReadonlySet<string> = new Set<Finding['type']>(['Synced', 'Reconciling', 'Stalled']);

/**
 * The conditions after an outcome, or of one that is not there yet. `Synced` comes first, for the print columns and
 * Argo CD read the first one. Behind it stands, where it is not True, what kstatus reads: `Stalled` where a person
 * must act, `Reconciling` where time may heal. Those of others stay.
 */
export function conditionsFor(
  outcome: Outcome | 'processing',
  before: readonly Condition[],
  now: Date,
): readonly Condition[] {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const own = findings(outcome).map((finding) => {
    const previous = before.find(({ type }) => type === finding.type);
    const same = previous?.status === finding.status;
    return {
      ...finding,
      lastUpdateTime: time,
      lastTransitionTime: same ? previous.lastTransitionTime : time,
    };
  });
  return [...own, ...before.filter(({ type }) => !OWN.has(type))];
}

/** The conditions that this controller writes. */
export function ownConditions(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ type }) => OWN.has(type));
}

/** Whether two lists of conditions say the same, whenever it was said. */
export function sayTheSame(a: readonly Condition[], b: readonly Condition[]): boolean {
  const words = (all: readonly Condition[]): string =>
    JSON.stringify(all.map(({ type, status, reason, message }) => [type, status, reason, message]));
  return words(a) === words(b);
}

function findings(outcome: Outcome | 'processing'): readonly Finding[] {
  if (outcome === 'processing') {
    const processing = {
      reason: 'Processing',
      message: 'the current generation is being worked on',
    } as const;
    return [
      { type: 'Synced', status: 'Unknown', ...processing },
      { type: 'Reconciling', status: 'True', ...processing },
    ];
  }
  if (outcome.state !== 'failed') {
    const reason = outcome.applied?.ownership === 'None' ? 'Patched' : 'Unsealed';
    return [{ type: 'Synced', status: 'True', reason, message: missingWords(outcome) ?? '' }];
  }
  const { reason, retryOn } = handlingOf(outcome.failure);
  const message = describe(outcome.failure, { max: MAX_MESSAGE });
  return [
    { type: 'Synced', status: 'False', reason, message },
    { type: retryOn === 'time' ? 'Reconciling' : 'Stalled', status: 'True', reason, message },
  ];
}
