import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { lastApplied } from '../../../cli/lint/rules/last-applied.ts';
import { editDocuments } from '../../../shared/manifest/edit.ts';
import { runRule, shownProblems } from './run-rule.ts';

const KUBECTL = 'kubectl.kubernetes.io/last-applied-configuration';
const KUBECFG = 'kubecfg.ksonnet.io/last-applied-configuration';
const COPY = '{"apiVersion":"v1","data":{"a":"eA=="},"kind":"Secret"}';
const metadata = (copy: string, name = KUBECTL) => `{name: db, annotations: {${name}: '${copy}', b: c}}`;

suite('S010 finds a copy of a Secret', () => {
  for (const [what, text, at] of [
    ['on a SealedSecret', `kind: SealedSecret\nmetadata: ${metadata(COPY)}\n`, 'metadata'],
    [
      'on its template',
      `kind: SealedSecret\nspec: {template: {metadata: ${metadata(COPY)}}}\n`,
      'spec.template.metadata',
    ],
    ['on a Secret', `kind: Secret\nmetadata: ${metadata(COPY)}\n`, 'metadata'],
    [
      'in an item of another list',
      `kind: SecretList\nitems: [{metadata: ${metadata(COPY)}}]\n`,
      'items[0].metadata',
    ],
    ['that is cut off', `kind: Secret\nmetadata: ${metadata(COPY.slice(0, -1))}\n`, 'metadata'],
  ])
    test(what ?? '', async () => {
      const path = `${at}.annotations["${KUBECTL}"]`;
      const expected = [`error ${path}: ${path} holds a copy of a Secret in plain text`];
      assert.deepEqual(await shownProblems(lastApplied, text ?? ''), expected);
    });

  test('of kubecfg', async () => {
    const [problem] = await runRule(lastApplied, `kind: Secret\nmetadata: ${metadata(COPY, KUBECFG)}\n`);
    assert.deepEqual(problem?.at, ['metadata', 'annotations', KUBECFG]);
  });
});

suite('S010 accepts', () => {
  for (const [what, copy] of [
    ['a copy of a SealedSecret', '{"kind":"SealedSecret","spec":{"encryptedData":{"a":"AAAA"}}}'],
    ['a copy of a Secret without values', '{"kind":"Secret","data":{}}'],
    ['a copy with placeholders', '{"kind":"Secret","stringData":{"a":"${A}"}}'],
    ['an empty text', ''],
    ['another text', 'kind Secret'],
  ])
    test(what ?? '', async () => {
      assert.deepEqual(
        await runRule(lastApplied, `kind: SealedSecret\nmetadata: ${metadata(copy ?? '')}\n`),
        [],
      );
    });

  test('an annotation that is no text', async () => {
    assert.deepEqual(
      await runRule(lastApplied, `metadata: {annotations: {${KUBECTL}: {kind: Secret}}}\n`),
      [],
    );
  });
});

suite('the mending of S010', () => {
  const lines = (indent: string) => [
    `${indent}annotations:`,
    `${indent}  ${KUBECTL}: '${COPY}'`,
    `${indent}  b: c`,
  ];
  const text = [
    'kind: SealedSecret',
    'metadata:',
    ...lines('  '),
    'spec:',
    '  template:',
    '    metadata:',
    ...lines('      '),
    '',
  ].join('\n');

  test('removes the annotations and nothing else', async () => {
    const problems = await runRule(lastApplied, text);
    const edits = problems.flatMap(({ fix }) => (fix ? [{ place: { source: 'a.yaml' }, patch: fix }] : []));
    const mended = editDocuments(Buffer.from(text), 'a.yaml', edits);
    assert.equal(mended, text.replaceAll(/^.*last-applied.*\n/gm, ''));
    assert.deepEqual(await runRule(lastApplied, mended), []);
  });

  test('leaves other kinds alone', async () => {
    const [problem] = await runRule(lastApplied, text.replace('SealedSecret', 'Secret'));
    assert.equal(problem?.fix, undefined);
  });
});
