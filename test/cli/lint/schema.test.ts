import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { schema } from '../../../cli/lint/rules/schema.ts';
import { linesFor, mended, problemsIn, SEALED, sealedYaml } from './rule-on.ts';

function lines(text: string): Promise<readonly string[]> {
  return linesFor(schema, text);
}

/** Returns what is found in a SealedSecret with a template. */
function onTemplate(...template: readonly string[]): Promise<readonly string[]> {
  const spec = [
    `encryptedData: { password: ${SEALED} }`,
    'template:',
    ...template.map((line) => `  ${line}`),
  ];
  return lines(sealedYaml({ spec }));
}

suite('S005 on a SealedSecret', () => {
  test('accepts one with every field', async () => {
    const metadata = [
      ...['name: db', 'namespace: shop', 'labels: { app: db }', 'finalizers: [a.example.com/b]'],
      'annotations: { sealedsecrets.bitnami.com/cluster-wide: "true" }',
    ];
    const spec = [
      `encryptedData: { tls.crt: ${SEALED}, tls.key: ${SEALED}, left: ${SEALED} }`,
      'template:',
      '  type: kubernetes.io/tls',
      '  immutable: true',
      '  metadata: { labels: { app: db }, annotations: { a: b } }',
      '  data: { left: null, url: "{{ .left }}" }',
    ];
    assert.deepEqual(await lines(sealedYaml({ metadata, spec }) + 'status: { conditions: 7 }\n'), []);
  });

  test('reports everything that is wrong, in the order of its kind', async () => {
    const text = [
      'apiVersion: bitnami.com/v1',
      'kind: SealedSecret',
      'metadata: { labels: { app: 7 }, anotations: {} }',
      'spec: { encrytedData: {}, template: { immutable: "yes", type: [] } }',
    ].join('\n');
    assert.deepEqual(await lines(text), [
      'S005 error apiVersion: apiVersion is not bitnami.com/v1alpha1',
      'S005 error metadata: metadata.name is missing',
      'S005 error spec: spec.encryptedData is missing',
      'S005 error metadata.labels.app: metadata.labels.app is a number, not a string',
      'S005 error metadata.anotations: metadata has an unknown field "anotations": kubectl refuses it, and other tools drop it',
      'S005 error spec.encrytedData: spec has an unknown field "encrytedData": kubectl refuses it, and other tools drop it',
      'S005 error spec.template.immutable: spec.template.immutable is a string, not a boolean',
      'S005 error spec.template.type: spec.template.type is a list, not a string',
    ]);
  });

  test('names the field that was probably meant, in another letter case as well', async () => {
    const text = sealedYaml({ spec: [`EncryptedData: { password: ${SEALED} }`, 'encryptedData: {}'] });
    const [problem] = await problemsIn(schema, text);
    assert.equal(problem?.advice, 'did you mean "encryptedData"?');
  });

  test('reports a missing apiVersion, spec and metadata', async () => {
    assert.deepEqual(await lines('kind: SealedSecret'), [
      'S005 error .: apiVersion is missing',
      'S005 error metadata: metadata.name is missing',
      'S005 error .: spec is missing',
    ]);
  });

  test('reports a kind that the API group does not have', async () => {
    const text = sealedYaml().replace('kind: SealedSecret', 'kind: SealedSecrets');
    assert.deepEqual(await lines(text), ['S005 error kind: bitnami.com/v1alpha1 has no such kind']);
    assert.deepEqual(await lines('apiVersion: bitnami.com/v1\nkind: Other'), []);
  });

  test('reports numbers and booleans that need quotes', async () => {
    const metadata = ['name: 5', 'annotations: { sealedsecrets.bitnami.com/cluster-wide: true }'];
    const problems = await problemsIn(schema, sealedYaml({ metadata }));
    assert.deepEqual(
      problems.map(({ at, advice }) => [at.at(-1), advice]),
      [
        ['name', 'put it in quotes'],
        ['sealedsecrets.bitnami.com/cluster-wide', 'put it in quotes'],
      ],
    );
  });

  test('warns of fields that only the controller ignores', async () => {
    assert.deepEqual(await onTemplate('metadata: { name: db, lables: {} }'), [
      'S005 warning spec.template.metadata.lables: spec.template.metadata has an unknown field "lables": the controller ignores it',
    ]);
  });

  test('cuts the name of an unknown field where a value may begin', async () => {
    assert.deepEqual(await lines(sealedYaml({ spec: ['{encryptedData: {}, password:hunter2}'] })), [
      'S005 error spec[…]: spec has an unknown field "password:…": kubectl refuses it, and other tools drop it',
    ]);
  });

  for (const [what, value, reason] of [
    ['plain text', 'hunter2!', 'illegal base64 data at input byte 7'],
    ['text that is base64 by chance', 'hunter22', 'the value is truncated or not a sealed value'],
    ['nothing', '""', 'the value is truncated or not a sealed value'],
    ['null', 'null', 'it is null'],
    ['a number', '12345', 'it is a number'],
    ['a map', '{ a: b }', 'it is a map'],
    ['a part of a sealed value', SEALED.slice(0, 24), 'the value is truncated or not a sealed value'],
  ] as const) {
    test(`reports an item that holds ${what}`, async () => {
      assert.deepEqual(await lines(sealedYaml({ spec: [`encryptedData: { password: ${value} }`] })), [
        `S005 error spec.encryptedData.password: the item "password" holds no sealed value: ${reason}`,
      ]);
    });
  }

  test('reports the deprecated spec.data, which the definition refuses without encryptedData', async () => {
    const old = sealedYaml({ spec: [`data: ${SEALED}`, 'encryptedData: null'] });
    assert.deepEqual(await lines(old), [
      'S005 note spec.data: spec.data is deprecated: it cannot be changed in place',
    ]);
    assert.deepEqual(await lines(sealedYaml({ spec: ['data: hunter2!', 'encryptedData: null'] })), [
      'S005 note spec.data: spec.data is deprecated: it cannot be changed in place',
      'S005 error spec.data: spec.data holds no sealed value: illegal base64 data at input byte 7',
    ]);
  });

  test('reports times and owners that the API server cannot read', async () => {
    const metadata = [
      ...['name: db', 'creationTimestamp: 2026-11-30', 'deletionTimestamp: "2026-11-30T12:00:00Z"'],
      'ownerReferences: [{ kind: ConfigMap, controler: true, controller: "yes" }]',
    ];
    assert.deepEqual(await lines(sealedYaml({ metadata })), [
      'S005 error metadata.creationTimestamp: metadata.creationTimestamp is a string, not a time',
      'S005 error metadata.ownerReferences[0].controler: metadata.ownerReferences[0] has an unknown field "controler": kubectl refuses it, and other tools drop it',
      'S005 error metadata.ownerReferences[0].controller: metadata.ownerReferences[0].controller is a string, not a boolean',
    ]);
  });

  test('reports labels and annotations that Kubernetes refuses, on the template as well', async () => {
    const metadata = ['name: db', 'labels: { "my app": a, app: my app }', 'annotations: { "a b": any text }'];
    const spec = [
      `encryptedData: { password: ${SEALED} }`,
      'template: { metadata: { labels: { app: my app, team: "${TEAM}" } } }',
    ];
    assert.deepEqual(await lines(sealedYaml({ metadata, spec })), [
      'S005 error metadata.labels[…]: Kubernetes refuses the label "my app"',
      'S005 error metadata.labels.app: Kubernetes refuses the value of the label "app"',
      'S005 error metadata.annotations[…]: Kubernetes refuses the annotation "a b"',
      'S005 error spec.template.metadata.labels.app: Kubernetes refuses the value of the label "app"',
    ]);
  });

  for (const value of ['"True"', '"yes"', '"1"', '""']) {
    test(`warns of the scope annotation ${value}, which has no effect`, async () => {
      const name = 'sealedsecrets.bitnami.com/namespace-wide';
      const metadata = ['name: db', `annotations: { ${name}: ${value} }`];
      assert.deepEqual(await lines(sealedYaml({ metadata })), [
        `S005 warning metadata.annotations["${name}"]: the annotation ${name} has no effect: only the value "true" counts`,
      ]);
    });
  }

  test('warns of items that the type of the Secret requires', async () => {
    assert.deepEqual(await onTemplate('type: kubernetes.io/tls', 'data: { tls.crt: "{{ .password }}" }'), [
      'S005 warning spec.template.type: a Secret of type kubernetes.io/tls needs the item tls.key: the API server refuses it otherwise',
    ]);
  });

  test('says nothing about other kinds, and patches of Kustomize', async () => {
    assert.deepEqual(await lines('apiVersion: v1\nkind: Secret\nfoo: 1'), []);
    assert.deepEqual(await lines('kind: SealedSecret\n$patch: delete\nmetadata: { name: db }'), []);
  });
});

suite('S005 on nulls', () => {
  const dated = sealedYaml({
    metadata: ['creationTimestamp: null', 'name: db'],
    spec: [
      `encryptedData: { password: ${SEALED} }`,
      'template:',
      '  metadata:',
      '    creationTimestamp: null',
      '    name: db',
    ],
  });

  test('notes those that kubectl and the reference write', async () => {
    assert.deepEqual(await lines(dated), [
      'S005 note metadata.creationTimestamp: metadata.creationTimestamp is null, which the API server drops and schema checkers refuse',
      'S005 note spec.template.metadata.creationTimestamp: spec.template.metadata.creationTimestamp is null, which the API server drops and schema checkers refuse',
    ]);
  });

  test('removes them', async () => {
    assert.equal(await mended(schema, dated), dated.replaceAll(/ +creationTimestamp: null\n/g, ''));
  });

  test('warns of a null in the place of all items', async () => {
    assert.deepEqual(await lines(sealedYaml({ spec: ['encryptedData: null'] })), [
      'S005 warning spec.encryptedData: spec.encryptedData is null, which schema checkers and other versions of the definition refuse',
    ]);
  });

  test('accepts those that mean something or that the definition allows', async () => {
    assert.deepEqual(await onTemplate('data: { password: null }', 'metadata: null', 'immutable: null'), []);
  });
});

suite('S005 on placeholders', () => {
  test('accepts them in every field', async () => {
    for (const placeholder of ['"${X}"', '"{{ .Values.x }}"', '\u{e000}\u{e000}']) {
      const text = [
        `apiVersion: ${placeholder}`,
        'kind: SealedSecret',
        `metadata: { name: ${placeholder}, labels: ${placeholder}, finalizers: ${placeholder} }`,
        `spec: { encryptedData: { a: ${placeholder} }, template: { immutable: ${placeholder}, data: ${placeholder} } }`,
        `${placeholder}: 1`,
      ].join('\n');
      assert.deepEqual(await lines(text), [], placeholder);
      assert.deepEqual(
        await lines(
          `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: ${placeholder}\nspec: ${placeholder}`,
        ),
        [],
      );
      assert.deepEqual(await lines(sealedYaml({ spec: [`encryptedData: ${placeholder}`] })), []);
      assert.deepEqual(
        await lines(sealedYaml({ spec: [`template: ${placeholder}`, `${placeholder}: 1`] })),
        [],
      );
    }
  });
});
