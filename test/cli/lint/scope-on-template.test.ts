import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { scopeOnTemplate } from '../../../cli/lint/rules/scope-on-template.ts';
import { linesFor, SEALED, sealedYaml } from './rule-on.ts';

/** Returns a SealedSecret with annotations of its own and of its template. */
function withAnnotations(own: readonly string[], ofTemplate: readonly string[]): string {
  const line = (each: string): string => `  sealedsecrets.bitnami.com/${each}`;
  return sealedYaml({
    metadata: ['name: db', 'namespace: shop', 'annotations:', '  team: shop', ...own.map(line)],
    spec: [
      `encryptedData: { password: ${SEALED} }`,
      'template:',
      '  metadata:',
      '    annotations:',
      '      team: shop',
      ...ofTemplate.map((each) => `    ${line(each)}`),
    ],
  });
}

suite('S007 on the scope annotations of a template', () => {
  for (const scope of ['cluster-wide', 'namespace-wide']) {
    test(`reports ${scope} that only the template has`, async () => {
      const name = `sealedsecrets.bitnami.com/${scope}`;
      assert.deepEqual(await linesFor(scopeOnTemplate, withAnnotations([], [`${scope}: "true"`])), [
        `S007 warning spec.template.metadata.annotations["${name}"]: the annotation ${name} has no effect on the template`,
      ]);
    });

    test(`accepts ${scope} on both, as kubeseal of the reference writes it`, async () => {
      const both = withAnnotations([`${scope}: "true"`], [`${scope}: "true"`]);
      assert.deepEqual(await linesFor(scopeOnTemplate, both), []);
    });
  }

  test('reports a wider scope than that of the object', async () => {
    const text = withAnnotations(['namespace-wide: "true"'], ['cluster-wide: "true"']);
    assert.equal((await linesFor(scopeOnTemplate, text)).length, 1);
  });

  test('accepts a value that sets no scope, and placeholders', async () => {
    for (const [own, ofTemplate] of [
      [[], ['cluster-wide: "false"']],
      [[], ['cluster-wide: "${WIDE}"']],
      [['cluster-wide: "{{ .Values.wide }}"'], ['cluster-wide: "true"']],
    ] as const) {
      assert.deepEqual(await linesFor(scopeOnTemplate, withAnnotations(own, ofTemplate)), []);
    }
  });
});
