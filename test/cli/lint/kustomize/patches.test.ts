import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { kubeseal } from '../../../support/run.ts';
import { treeOf } from '../../tree.ts';

const PATCH =
  'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: db, labels: { tier: 1 } }\n';

/** Returns what lint finds in a patch that a kustomization has. */
async function lint(kustomization: string): Promise<readonly string[]> {
  const files = { '.git/HEAD': '', 'prod/patch.yaml': PATCH, 'prod/kustomization.yaml': kustomization };
  const { stdout } = await kubeseal(['lint', 'prod/patch.yaml'], { cwd: treeOf(files) });
  return [...stdout.matchAll(/^prod\/patch\.yaml:\S* \w+ (S\d+ .*)$/gm)].map(([, found = '']) => found);
}

const MISTAKE = 'S005 schema: SealedSecret db: metadata.labels.tier is a number, not a string';

suite('S005 on a patch for Kustomize', () => {
  for (const [what, kustomization] of [
    ['of patches', 'patches: [{path: patch.yaml}]\n'],
    ['of another folder', 'patches: [{path: ../prod/patch.yaml, target: {kind: SealedSecret}}]\n'],
    ['of the older lists', 'patchesStrategicMerge: [patch.yaml]\npatchesJson6902: [{path: patch.yaml}]\n'],
  ] as const)
    test(`misses no field, and still finds mistakes: ${what}`, async () => {
      assert.deepEqual(await lint(kustomization), [MISTAKE]);
    });

  test('misses fields in what is a resource', async () => {
    assert.deepEqual(await lint('resources: [patch.yaml]\n'), [
      'S005 schema: SealedSecret db: spec is missing',
      MISTAKE,
    ]);
  });
});
