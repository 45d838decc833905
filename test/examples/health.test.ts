import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reconcileFailure } from '../../controller/status/errors.ts';
import type { Outcome, Reason } from '../../controller/status/outcome.ts';
import { processingStatus, report } from '../../controller/status/report.ts';
import type { Applied, Status } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';
import { kubernetesFailure } from '../../shared/kubernetes/errors.ts';
import { sealFailure } from '../../shared/seal/errors.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import { at } from '../control-plane/admin-client.ts';
import { tableUnder } from '../docs/table.ts';
import { metadata } from '../support/objects.ts';
import { Setup } from '../support/setup.ts';
import { judge } from './judge.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const NONE: Status = { observedGeneration: -1, conditions: [], applied: undefined };

const setup = new Setup();

function synced(ownership: Applied['ownership']): Outcome {
  const applied = {
    ...{ sealedSecretUID: 'u', generation: 1, scope: 'strict' },
    ...{ secretUID: 's', secretResourceVersion: '7', ownership },
  };
  return { state: 'synced', action: 'created', applied };
}

function failed(failure: Failure): Outcome {
  return { state: 'failed', failure };
}

function problem(...problems: readonly ItemProblem[]): Outcome {
  return failed(sealFailure({ code: 'Unseal', problems }));
}

function refused(status: number, fields: readonly string[] = []): Outcome {
  const what = 'create Secret ns/db';
  return failed(kubernetesFailure({ code: 'ApiRefused', what, status, reason: 'Invalid', fields }));
}

function after(outcome: Outcome): Status {
  return report({ outcome, object: metadata(), before: NONE, now: NOW }).status;
}

const UNSEALED = after(synced('Reference'));

function whileProcessing(): Status {
  const status = processingStatus(metadata({ generation: 2 }), UNSEALED, NOW);
  assert.ok(status);
  return { ...status, observedGeneration: 1 };
}

/** Statuses of the first generation with each reason, as the controller writes them. */
const BY_REASON: Record<Reason, readonly Status[]> = {
  Unsealed: [UNSEALED],
  Patched: [after(synced('None'))],
  Processing: [whileProcessing()],
  NoKey: [after(problem({ code: 'NoKey', item: 'a' }))],
  WrongScope: [after(problem({ code: 'WrongScope', item: 'a', sealedAs: 'strict', scope: 'cluster-wide' }))],
  InvalidData: [
    after(failed(sealFailure({ code: 'NoEncryptedItems', at: 'x' }))),
    after(failed(reconcileFailure({ code: 'UnfitForType', problem: 'x', patched: true }))),
  ],
  TemplateError: [after(problem({ code: 'Template', item: 'a', message: '' }))],
  NotManaged: [after(failed(reconcileFailure({ code: 'NotManaged', name: 'db' })))],
  PatchedSecretGone: [after(failed(reconcileFailure({ code: 'PatchedSecretGone', name: 'db' })))],
  Immutable: [after(failed(reconcileFailure({ code: 'Immutable', namespace: 'ns', name: 'db' })))],
  Refused: [after(failed(reconcileFailure({ code: 'PlantedKey', problem: 'x' })))],
  UpdateFailed: [],
};

/** The rows of the table in the document, by their first cell. */
const SAMPLES: readonly (readonly [row: string, statuses: readonly (Status | undefined)[]])[] = [
  ...Object.entries(BY_REASON)
    .filter(([, statuses]) => statuses.length > 0)
    .map(([reason, statuses]) => [`\`${reason}\``, statuses] as const),
  ['`UpdateFailed`, refused for good', [after(refused(413)), after(refused(422, ['data: Invalid']))]],
  [
    '`UpdateFailed`, may be temporary',
    [
      ...[403, 429, 500].map((status) => after(refused(status))),
      after(failed(kubernetesFailure({ code: 'Unreachable', server: 'https://a', reason: 'timed out' }))),
    ],
  ],
  ['no status yet', [undefined]],
  ['status of an older generation', [UNSEALED, after(refused(500))].map(outdated)],
];

function outdated(status: Status): Status {
  return { ...status, observedGeneration: 0 };
}

let made = 0;

/** Creates a SealedSecret with this status. Returns it as the API server does. */
async function stored(status: Status | undefined): Promise<unknown> {
  const ref = { namespace: 'default', name: `s${made++}` };
  const own = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata: ref };
  await setup.cluster.create('sealedsecrets', { ...own, spec: { encryptedData: {} } });
  if (status !== undefined) {
    const path = `/apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets/${ref.name}/status`;
    const type = 'application/merge-patch+json';
    assert.equal((await setup.plane.request('PATCH', path, { status }, type)).status, 200);
  }
  const object = await setup.cluster.get('sealedsecrets', ref);
  assert.equal(at(object, 'metadata', 'generation'), 1);
  return object;
}

suite('the health in docs/gitops.md is what Argo CD and Flux make of the status', () => {
  const rows = tableUnder('docs/gitops.md', '## Health');

  for (const [row, statuses] of SAMPLES) {
    test(row, async () => {
      const documented = rows.find(([first]) => first === row);
      assert.ok(documented, 'has a row');
      for (const status of statuses) {
        const [verdict] = await judge(await stored(status));
        assert.deepEqual([verdict?.argo, verdict?.kstatus], documented.slice(1, 3));
      }
    });
  }

  test('in a row for every state', () => {
    assert.deepEqual(
      rows.map(([first]) => first),
      SAMPLES.map(([first]) => first),
    );
  });

  test('with the message of the condition in Argo CD', async () => {
    const [status] = BY_REASON.NoKey;
    const [verdict] = await judge(await stored(status));
    assert.match(verdict?.message ?? '', /^no key could decrypt secret \(a\)/);
  });
});
