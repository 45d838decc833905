import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Outcome } from '../../../controller/reconcile/outcome.ts';
import { report } from '../../../controller/reconcile/report.ts';
import type { Applied, Status } from '../../../shared/api/status.ts';
import { metadata } from '../../support/objects.ts';

const NOW = new Date('2026-03-01T10:00:00.123Z');
const THEN = '2026-01-01T00:00:00Z';
const APPLIED: Applied = {
  sealedSecretUID: 'uid-1',
  generation: 1,
  scope: 'strict',
  secretUID: 'secret',
  secretResourceVersion: '7',
};
const EMPTY: Status = { observedGeneration: 0, conditions: [], applied: undefined };
const SYNCED: Outcome = { state: 'synced', action: 'unchanged', applied: APPLIED };
const FAILED: Outcome = { state: 'failed', failure: { code: 'NotManaged', name: 'db' } };

function after(outcome: Outcome, before = EMPTY): Status {
  const { status } = report(outcome, metadata(), before, new Date(THEN));
  assert.ok(status);
  return status;
}

suite('the report', () => {
  test('of a first success is a status and an event', () => {
    assert.deepEqual(report(SYNCED, metadata({ generation: 3 }), EMPTY, NOW), {
      status: {
        observedGeneration: 3,
        conditions: [
          {
            type: 'Synced',
            status: 'True',
            lastUpdateTime: '2026-03-01T10:00:00Z',
            lastTransitionTime: '2026-03-01T10:00:00Z',
            reason: 'Unsealed',
            message: '',
          },
        ],
        applied: APPLIED,
      },
      event: { type: 'Normal', reason: 'Unsealed', message: 'SealedSecret unsealed successfully' },
    });
  });

  for (const [what, outcome] of [
    ['success', SYNCED],
    ['failure', FAILED],
  ] as const) {
    test(`of the same ${what} again is nothing`, () => {
      assert.deepEqual(report(outcome, metadata(), after(outcome), NOW), {
        status: undefined,
        event: undefined,
      });
    });
  }

  test('of a failure keeps what was applied before it', () => {
    const { status, event } = report(FAILED, metadata(), after(SYNCED), NOW);
    assert.deepEqual(status?.applied, APPLIED);
    const [condition] = status.conditions;
    assert.equal(condition?.status, 'False');
    assert.equal(condition.reason, 'NotManaged');
    assert.equal(
      condition.message,
      'failed update: Resource "db" already exists and is not managed by SealedSecret',
    );
    assert.equal(condition.lastTransitionTime, '2026-03-01T10:00:00Z');
    assert.deepEqual(event, {
      type: 'Warning',
      reason: 'ErrUpdateFailed',
      message: 'Resource "db" already exists and is not managed by SealedSecret',
    });
  });

  test('of another failure has its words, and the time of the transition before', () => {
    const failure = { code: 'Unseal', problems: [{ code: 'NoKey', item: 'a' }] } as const;
    const { status, event } = report({ state: 'failed', failure }, metadata(), after(FAILED), NOW);
    const [condition] = status?.conditions ?? [];
    assert.match(condition?.message ?? '', /^no key could decrypt secret \(a\): /);
    assert.equal(condition?.reason, 'NoKey');
    assert.equal(condition.lastTransitionTime, THEN);
    assert.equal(condition.lastUpdateTime, '2026-03-01T10:00:00Z');
    assert.match(event?.message ?? '', /^Failed to unseal: no key could decrypt secret \(a\): /);
  });

  test('of a new generation says that it was seen', () => {
    const { status, event } = report(SYNCED, metadata({ generation: 2 }), after(SYNCED), NOW);
    assert.equal(status?.observedGeneration, 2);
    assert.equal(event?.reason, 'Unsealed');
  });

  test('keeps the conditions of others behind its own', () => {
    const other = { ...after(SYNCED).conditions[0], type: 'Ready' } as Status['conditions'][number];
    const before: Status = { ...EMPTY, conditions: [other] };
    assert.deepEqual(
      report(SYNCED, metadata(), before, NOW).status?.conditions.map(({ type }) => type),
      ['Synced', 'Ready'],
    );
  });

  test('says nothing of a Secret that others have touched, but of one that we have written', () => {
    const applied = { ...APPLIED, secretResourceVersion: '8' };
    const before = after(SYNCED);
    assert.equal(report({ ...SYNCED, applied }, metadata(), before, NOW).status, undefined);
    const wrote: Outcome = { state: 'synced', action: 'updated', applied };
    assert.deepEqual(report(wrote, metadata(), before, NOW).status?.applied, applied);
    const anew: Outcome = { ...SYNCED, applied: { ...applied, secretUID: 'another' } };
    assert.equal(report(anew, metadata(), before, NOW).status?.applied?.secretUID, 'another');
  });

  test('is of bounded length', () => {
    const problems = Array.from(
      { length: 2000 },
      (_, i) => ({ code: 'NoKey', item: `item-${i}-${'x'.repeat(200)}` }) as const,
    );
    const { status, event } = report(
      { state: 'failed', failure: { code: 'Unseal', problems } },
      metadata(),
      EMPTY,
      NOW,
    );
    assert.ok((status?.conditions[0]?.message.length ?? 9999) <= 1024);
    assert.ok((event?.message.length ?? 9999) <= 1024);
  });
});
