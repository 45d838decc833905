import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bothScopes } from '../../../cli/lint/rules/both-scopes.ts';
import { linesFor, mended, sealedYaml } from './rule-on.ts';

function annotated(...annotations: readonly string[]): string {
  const lines = annotations.map((each) => `  sealedsecrets.bitnami.com/${each}`);
  return sealedYaml({ metadata: ['name: db', 'namespace: shop', 'annotations:', ...lines] });
}

suite('S006 on the annotations of a SealedSecret', () => {
  test('reports two scopes, at the one without effect', async () => {
    assert.deepEqual(
      await linesFor(bothScopes, annotated('cluster-wide: "true"', 'namespace-wide: "true"')),
      [
        'S006 warning metadata.annotations["sealedsecrets.bitnami.com/namespace-wide"]: the annotation ' +
          'sealedsecrets.bitnami.com/namespace-wide has no effect beside sealedsecrets.bitnami.com/cluster-wide',
      ],
    );
  });

  for (const annotations of [
    ['cluster-wide: "true"'],
    ['namespace-wide: "true"'],
    ['cluster-wide: "false"', 'namespace-wide: "true"'],
    ['cluster-wide: "true"', 'namespace-wide: "True"'],
    ['cluster-wide: "${WIDE}"', 'namespace-wide: "true"'],
    ['managed: "true"'],
  ]) {
    test(`accepts ${annotations.join(' and ')}`, async () => {
      assert.deepEqual(await linesFor(bothScopes, annotated(...annotations)), []);
    });
  }

  test('accepts both on the template, where neither has an effect', async () => {
    const template = [
      'encryptedData: {}',
      'template:',
      '  metadata:',
      '    annotations:',
      '      sealedsecrets.bitnami.com/cluster-wide: "true"',
      '      sealedsecrets.bitnami.com/namespace-wide: "true"',
    ];
    assert.deepEqual(await linesFor(bothScopes, sealedYaml({ spec: template })), []);
  });

  test('is mended by the removal of the one without effect', async () => {
    const text = annotated('cluster-wide: "true"', 'namespace-wide: "true"');
    assert.equal(await mended(bothScopes, text), annotated('cluster-wide: "true"'));
  });
});
