import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Outcome } from '../../../controller/status/outcome.ts';
import { processingStatus, report, type Report } from '../../../controller/status/report.ts';
import type { Metadata } from '../../../shared/api/metadata.ts';
import type { Applied, Status } from '../../../shared/api/status.ts';
import type { Failure } from '../../../shared/errors.ts';
import { reconcileFailure } from '../../../controller/status/errors.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';
import { kubernetesFailure } from '../../../shared/kubernetes/errors.ts';
import type { ItemProblem } from '../../../shared/seal/item-problem.ts';
import { metadata } from '../../support/objects.ts';

const NOW = new Date('2026-03-01T10:00:00.123Z');
const THEN = '2026-01-01T00:00:00Z';
const APPLIED: Applied = {
  sealedSecretUID: 'uid-1',
  generation: 1,
  scope: 'strict',
  secretUID: 'secret',
  secretResourceVersion: '7',
  ownership: 'Reference',
};
const EMPTY: Status = { observedGeneration: 0, conditions: [], applied: undefined };
const SYNCED: Outcome = { state: 'synced', action: 'unchanged', applied: APPLIED };
const FAILED: Outcome = { state: 'failed', failure: reconcileFailure({ code: 'NotManaged', name: 'db' }) };

function after(outcome: Outcome, before = EMPTY): Status {
  return report({ outcome, object: metadata(), before, now: new Date(THEN) }).status;
}

/** Returns the status if it has to be written, and the event if there is one. */
function reported(outcome: Outcome, object: Metadata, before: Status): Partial<Report> {
  const { status, write, event } = report({ outcome, object, before, now: NOW });
  return { ...(write ? { status } : {}), ...(event ? { event } : {}) };
}

suite('report', () => {
  test('returns a status and an event for a first success', () => {
    assert.deepEqual(reported(SYNCED, metadata({ generation: 3 }), EMPTY), {
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
    test(`returns nothing for the same ${what} again`, () => {
      assert.deepEqual(reported(outcome, metadata(), after(outcome)), {});
    });
  }

  test('keeps the field applied after a failure', () => {
    const { status, event } = reported(FAILED, metadata(), after(SYNCED));
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

  test('updates the message of another failure, and keeps the transition time', () => {
    const failure = sealFailure({ code: 'Unseal', problems: [{ code: 'NoKey', item: 'a' }] });
    const { status, event } = reported({ state: 'failed', failure }, metadata(), after(FAILED));
    const [condition] = status?.conditions ?? [];
    assert.match(condition?.message ?? '', /^no key could decrypt secret \(a\): /);
    assert.equal(condition?.reason, 'NoKey');
    assert.equal(condition.lastTransitionTime, THEN);
    assert.equal(condition.lastUpdateTime, '2026-03-01T10:00:00Z');
    assert.match(event?.message ?? '', /^Failed to unseal: no key could decrypt secret \(a\): /);
  });

  test('sets the observed generation of a new generation', () => {
    const { status, event } = reported(SYNCED, metadata({ generation: 2 }), after(SYNCED));
    assert.equal(status?.observedGeneration, 2);
    assert.equal(event?.reason, 'Unsealed');
  });

  test('keeps conditions of others after its own', () => {
    const other = { ...after(SYNCED).conditions[0], type: 'Ready' } as Status['conditions'][number];
    const before: Status = { ...EMPTY, conditions: [other] };
    assert.deepEqual(
      after(SYNCED, before).conditions.map(({ type }) => type),
      ['Synced', 'Ready'],
    );
    assert.deepEqual(
      after(FAILED, before).conditions.map(({ type }) => type),
      ['Synced', 'Stalled', 'Ready'],
    );
  });

  test('ignores a new Secret version unless the controller wrote it', () => {
    const applied = { ...APPLIED, secretResourceVersion: '8' };
    const before = after(SYNCED);
    assert.deepEqual(reported({ ...SYNCED, applied }, metadata(), before), {});
    const wrote: Outcome = { state: 'synced', action: 'updated', applied };
    assert.deepEqual(reported(wrote, metadata(), before).status?.applied, applied);
    const recreated: Outcome = { ...SYNCED, applied: { ...applied, secretUID: 'another' } };
    assert.equal(reported(recreated, metadata(), before).status?.applied?.secretUID, 'another');
  });

  test('returns nothing for a postponed repair', () => {
    const outcome: Outcome = { state: 'postponed', applied: APPLIED, after: 1000 };
    assert.deepEqual(reported(outcome, metadata(), after(SYNCED)), {});
    assert.deepEqual(reported(outcome, metadata(), after(FAILED)), {}, 'a failure stands until the repair');
  });

  test('sets the reason Patched for a patched Secret of another owner', () => {
    const patched: Outcome = { ...SYNCED, applied: { ...APPLIED, ownership: 'None' } };
    assert.equal(after(patched).conditions[0]?.reason, 'Patched');
    const gone: Outcome = {
      state: 'failed',
      failure: reconcileFailure({ code: 'PatchedSecretGone', name: 'db' }),
    };
    const { status, event } = reported(gone, metadata(), after(patched));
    const words = (conditions: Status['conditions'] = []): string[] =>
      conditions.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`);
    assert.deepEqual(words(status?.conditions), [
      'Synced False PatchedSecretGone',
      'Stalled True PatchedSecretGone',
    ]);
    assert.equal(event?.reason, 'ErrUpdateFailed');
    assert.match(event.message, /^the Secret "db", which this SealedSecret patches, does not exist/);
  });

  test('returns an event once, even if the status cannot be written', () => {
    const before = EMPTY;
    const last = report({ outcome: FAILED, object: metadata(), before, now: NOW });
    assert.ok(last.write && last.event);
    const again = report({
      outcome: FAILED,
      object: metadata(),
      before,
      now: NOW,
      lastReported: last.status,
    });
    assert.deepEqual([again.write, again.changed, again.event], [true, false, undefined]);
  });

  test('returns one warning and a message for templates that refer to missing items', () => {
    const missing = { first: [{ template: 'conf', name: 'pasword' }], count: 2 };
    const outcome: Outcome = { ...SYNCED, missing };
    const words = 'template item conf refers to missing item "pasword"; and 1 more';
    const { status, changed, event, warning } = report({
      outcome,
      object: metadata(),
      before: EMPTY,
      now: NOW,
    });
    const [condition] = status.conditions;
    assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['True', 'Unsealed', words]);
    assert.ok(changed);
    assert.equal(event?.reason, 'Unsealed');
    assert.deepEqual(warning, { type: 'Warning', reason: 'MissingItem', message: words });
    assert.equal(argo(status), 'Healthy');

    for (const again of [outcome, { state: 'postponed', applied: APPLIED, after: 1, missing } as const]) {
      const { write, ...rest } = report({ outcome: again, object: metadata(), before: status, now: NOW });
      assert.deepEqual([write, rest.changed, rest.event, rest.warning], [false, false, undefined, undefined]);
    }
    const fixed = report({ outcome: SYNCED, object: metadata({ generation: 2 }), before: status, now: NOW });
    assert.deepEqual([fixed.event?.reason, fixed.warning], ['Unsealed', undefined]);
    assert.equal(fixed.status.conditions[0]?.message, '');
  });

  test('bounds the length of messages, and says how much is left out', () => {
    const outcome = (problems: readonly ItemProblem[]): Outcome => ({
      state: 'failed',
      failure: sealFailure({ code: 'Unseal', problems }),
    });
    const long = 'x'.repeat(200);
    const many = Array.from(
      { length: 2000 },
      (_, i) => ({ code: 'NoKey', item: `item-${i}-${long}` }) as const,
    );
    const different = Array.from(
      { length: 100 },
      (_, i) => ({ code: 'IllegalBase64', item: `item-${i}-${long}`, offset: i }) as const,
    );
    for (const [problems, words] of [
      [many, /^no key could decrypt secret \(item-0-x+, item-1-x+ and 1998 more\): sealed for another/],
      [different, /^illegal base64 data at input byte 0 \(item-0-x+\)\n[^]*\nand 96 more$/],
    ] as const) {
      const { status, event } = reported(outcome(problems), metadata(), EMPTY);
      const message = status?.conditions[0]?.message ?? '';
      assert.match(message, words);
      assert.ok(message.length <= 1024);
      assert.ok((event?.message.length ?? 9999) <= 1024);
    }
  });
});

suite('processingStatus', () => {
  const edited = metadata({ generation: 2 });

  test('replaces an older True or False', () => {
    for (const outcome of [SYNCED, FAILED]) {
      const status = processingStatus(edited, after(outcome), NOW);
      assert.equal(status?.observedGeneration, 2);
      assert.deepEqual(
        status.conditions.map(({ type, status: value, reason }) => [type, value, reason]),
        [
          ['Synced', 'Unknown', 'Processing'],
          ['Reconciling', 'True', 'Processing'],
        ],
      );
      assert.deepEqual(status.applied, after(outcome).applied);
      assert.deepEqual(
        reported(SYNCED, edited, status).status?.conditions.map(({ type }) => type),
        ['Synced'],
      );
    }
  });

  test('returns nothing without an older result or for the same generation', () => {
    assert.equal(processingStatus(edited, EMPTY, NOW), undefined);
    assert.equal(processingStatus(metadata(), after(SYNCED), NOW), undefined);
    const earlier = processingStatus(edited, after(SYNCED), NOW);
    assert.ok(earlier);
    assert.equal(processingStatus(metadata({ generation: 3 }), earlier, NOW), undefined);
  });
});

/** Returns the health that Argo CD derives from the first condition of type Synced. */
function argo({ conditions }: Status): string {
  const synced = conditions.find(({ type }) => type === 'Synced');
  if (synced?.status === 'False') return `Degraded: ${synced.message}`;
  return synced?.status === 'True' ? 'Healthy' : 'Progressing';
}

/** Returns the status that kstatus (Flux) derives from the generation, Reconciling and Stalled, in this order. */
function kstatus({ conditions, observedGeneration }: Status, { server }: Metadata): string {
  const isTrue = (type: string): boolean =>
    conditions.some((condition) => condition.type === type && condition.status === 'True');
  if (observedGeneration !== server.generation || isTrue('Reconciling')) return 'InProgress';
  return isTrue('Stalled') ? 'Failed' : 'Current';
}

suite('Argo CD and Flux', () => {
  const failed = (failure: Failure): Outcome => ({ state: 'failed', failure });
  const unreachable = failed(
    kubernetesFailure({ code: 'Unreachable', server: 'https://x', reason: 'timed out' }),
  );
  const noKey = failed(sealFailure({ code: 'Unseal', problems: [{ code: 'NoKey', item: 'a' }] }));
  const edited = metadata({ generation: 2 });

  for (const [what, status, object, inArgo, inFlux] of [
    ['a success', after(SYNCED), metadata(), 'Healthy', 'Current'],
    ['a failure that a person must fix', after(noKey), metadata(), /^Degraded: no key/, 'Failed'],
    ['an existing Secret of another owner', after(FAILED), metadata(), /^Degraded: failed update/, 'Failed'],
    [
      'a failure that a retry may fix',
      after(unreachable),
      metadata(),
      /^Degraded: cannot reach/,
      'InProgress',
    ],
    ['a success after a failure', after(SYNCED, after(noKey)), metadata(), 'Healthy', 'Current'],
    ['a failure after another', after(unreachable, after(noKey)), metadata(), /^Degraded/, 'InProgress'],
    ['an edit', after(SYNCED), edited, 'Healthy', 'InProgress'],
    [
      'an edit that takes long',
      processingStatus(edited, after(SYNCED), NOW),
      edited,
      'Progressing',
      'InProgress',
    ],
    ['a new object', EMPTY, metadata(), 'Progressing', 'InProgress'],
  ] as const) {
    test(`read the status of ${what}`, () => {
      assert.ok(status);
      if (typeof inArgo === 'string') assert.equal(argo(status), inArgo);
      else assert.match(argo(status), inArgo);
      assert.equal(kstatus(status, object), inFlux);
      assert.ok(status.conditions.length === 0 || status.conditions[0]?.type === 'Synced');
    });
  }
});
