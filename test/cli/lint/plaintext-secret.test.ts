import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { plaintextSecret } from '../../../cli/lint/rules/plaintext-secret.ts';
import { MASK } from '../../../cli/lint/placeholders.ts';
import { runRule, shownProblems } from './run-rule.ts';

const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const sops = 'ENC[AES256_GCM,data:Z2Fh,iv:AAAA,tag:BBBB,type:str]';
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB+/=\n-----END CERTIFICATE-----\n';

suite('S001 finds plain text', () => {
  const table: readonly [string, string, readonly string[]][] = [
    ['in stringData', `${SECRET}stringData:\n  a: x\n`, ['error stringData.a: plain text: stringData.a']],
    [
      'in data and stringData, in a problem each',
      `${SECRET}data:\n  tls.key: ${base64('x')}\nstringData:\n  a: x\n`,
      ['error data["tls.key"]: plain text: data["tls.key"]', 'error stringData.a: plain text: stringData.a'],
    ],
    ['in data that is not base64', `${SECRET}data:\n  a: "x y"\n`, ['error data.a: plain text: data.a']],
    [
      'in fields of another letter case',
      `${SECRET}StringData:\n  a: x\n`,
      ['error StringData.a: plain text: StringData.a'],
    ],
    [
      'in a Secret without version',
      'kind: Secret\nstringData: {a: x}\n',
      ['error stringData.a: plain text: stringData.a'],
    ],
    [
      'in numbers and lists',
      `${SECRET}stringData: {a: 1, b: [x]}\n`,
      ['error stringData.a: plain text: stringData.a', 'error stringData.b: plain text: stringData.b'],
    ],
    [
      'in a key without value',
      `${SECRET}stringData: {password:x}\n`,
      ['error stringData[…]: plain text: stringData[…]'],
    ],
    [
      'beside a certificate',
      `${SECRET}data: {ca.crt: ${base64(certificate)}, a: eA==}\n`,
      ['error data.a: plain text: data.a'],
    ],
    [
      'beside a placeholder',
      `${SECRET}stringData: {a: "\${A}", b: x}\n`,
      ['error stringData.b: plain text: stringData.b'],
    ],
    [
      'that SOPS left',
      `${SECRET}stringData: {a: "${sops}", b: x}\nsops: {mac: "${sops}"}\n`,
      ['error stringData.b: plain text: stringData.b'],
    ],
    [
      'in each Secret of a List',
      `kind: List\nitems:\n- {kind: Secret, data: {a: eA==}}\n- {kind: Secret, data: {b: eA==}}\n`,
      ['error data.a: plain text: data.a', 'error data.b: plain text: data.b'],
    ],
    [
      'in a SecretList',
      `apiVersion: v1\nkind: SecretList\nitems:\n- data: {a: eA==}\n`,
      ['error items[0].data.a: plain text in the Secret at items[0]: data.a'],
    ],
    [
      'in a Template of OpenShift',
      `kind: Template\nobjects:\n- {apiVersion: v1, kind: Secret, stringData: {a: x}}\n`,
      ['error objects[0].stringData.a: plain text in the Secret at objects[0]: stringData.a'],
    ],
    [
      'in the values of a chart',
      `extraObjects:\n- {apiVersion: v1, kind: Secret, stringData: {a: x}}\n`,
      ['error extraObjects[0].stringData.a: plain text in the Secret at extraObjects[0]: stringData.a'],
    ],
  ];
  for (const [what, text, expected] of table)
    test(what, async () => assert.deepEqual(await shownProblems(plaintextSecret, text), expected));

  test('once, if an alias repeats the Secret', async () => {
    const text = 'a: &s {kind: Secret, stringData: {a: x}}\nb: *s\nc: [*s, *s]\n';
    assert.equal((await runRule(plaintextSecret, text)).length, 1);
  });
});

suite('S001 makes a note of placeholders', () => {
  for (const [what, text] of [
    ['in stringData', 'stringData: {a: "${A}"}'],
    ['in data, in base64', `data: {a: ${base64('<path:secret/data/db#a>')}}`],
    ['in data, before base64', 'data: {a: "${A_BASE64}"}'],
    ['in a template', `data: {a: ${MASK.repeat(9)}}`],
    ['in place of the map', `data: ${MASK.repeat(9)}`],
  ])
    test(what, async () => {
      const [problem, ...more] = await runRule(plaintextSecret, `${SECRET}${text}\n`);
      assert.deepEqual([problem?.severity, more.length], ['note', 0]);
      assert.match(problem?.message ?? '', /^placeholders: (string)?[dD]ata/);
    });
});

suite('S001 accepts', () => {
  for (const [what, text] of [
    ['a Secret without values', SECRET],
    ['empty values', `${SECRET}data: {a: "", b: null}\nstringData: {c: "", d: " "}\n`],
    ['data that is null', `${SECRET}data:\nstringData: null\n`],
    ['the token of a service account', `${SECRET}type: kubernetes.io/service-account-token\n`],
    ['what SOPS encrypted', `${SECRET}data: {a: "${sops}"}\nsops: {mac: "${sops}"}\n`],
    [
      'what Ansible Vault encrypted',
      `${SECRET}stringData:\n  a: |\n    $ANSIBLE_VAULT;1.1;AES256\n    3961\n`,
    ],
    [
      'what age encrypted',
      `${SECRET}stringData:\n  a: |\n    -----BEGIN AGE ENCRYPTED FILE-----\n    YWdl\n`,
    ],
    ['public certificates', `${SECRET}data: {ca.crt: ${base64(certificate + certificate)}}\n`],
    [
      'a SealedSecret',
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {a: AAAA}}\n',
    ],
    [
      'an ExternalSecret',
      'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {data: [{secretKey: a}]}\n',
    ],
    ['a Secret of another group', 'apiVersion: example.org/v1\nkind: Secret\ndata: {a: x}\n'],
    ['a ConfigMap', 'apiVersion: v1\nkind: ConfigMap\ndata: {a: x}\n'],
    ['a reference to a Secret', 'kind: HelmRelease\nspec: {valuesFrom: [{kind: Secret, name: a}]}\n'],
    ['files of a generator', 'kind: Kustomization\nsecretGenerator: [{name: a, files: [b]}]\n'],
    ['a generator of another kind', 'kind: Other\nsecretGenerator: [{name: a, literals: [b=x]}]\n'],
    ['placeholders in a generator', 'secretGenerator: [{name: a, literals: ["b=${B}", "c=", "d=\'\'"]}]\n'],
  ])
    test(what ?? '', async () => assert.deepEqual(await runRule(plaintextSecret, text ?? ''), []));
});

suite('S001 warns of literals', () => {
  for (const [what, text, path] of [
    [
      'of a kustomization',
      'kind: Kustomization\nsecretGenerator:\n- literals: ["a=${A}", "b=x"]\n',
      'secretGenerator[0].literals[1]',
    ],
    [
      'of a kustomization without kind',
      'secretGenerator:\n- literals: [b=x]\n',
      'secretGenerator[0].literals[0]',
    ],
    [
      'of a component',
      'kind: Component\nsecretGenerator:\n- literals: [b="x"]\n',
      'secretGenerator[0].literals[0]',
    ],
    [
      'of the built-in generator',
      'apiVersion: builtin\nkind: SecretGenerator\nliterals: [b=x]\n',
      'literals[0]',
    ],
  ])
    test(what ?? '', async () => {
      const expected = `warning ${path}: plain text in a generator of Secrets: ${path}`;
      assert.deepEqual(await shownProblems(plaintextSecret, text ?? ''), [expected]);
    });
});

suite('S001 finds patches of Secrets', () => {
  const patch = (text: string) => `kind: Kustomization\npatches:\n- ${text}\n`;
  const target = 'target: {kind: Secret}';
  for (const [what, text] of [
    ['that are merged', patch('patch: "kind: Secret\\nstringData: {a: x}"')],
    ['that are JSON', patch(`patch: '{"kind":"Secret","data":{"a":"eA=="}}'`)],
    [
      'with an operation on an item',
      patch(`{${target}, patch: '[{op: add, path: /stringData/a, value: x}]'}`),
    ],
    [
      'with an operation on all items',
      patch(`{${target}, patch: '[{op: replace, path: /data, value: {a: eA==}}]'}`),
    ],
  ])
    test(what ?? '', async () => {
      const at = 'patches[0].patch';
      const expected = [`error ${at}: plain text in a patch of a Secret: ${at}`];
      assert.deepEqual(await shownProblems(plaintextSecret, text ?? ''), expected);
    });

  test('in the older form', async () => {
    const text = 'patchesStrategicMerge:\n- Secret.yaml\n- |\n  kind: Secret\n  stringData: {a: x}\n';
    const [problem, ...more] = await runRule(plaintextSecret, text);
    assert.deepEqual([problem?.at, more], [['patchesStrategicMerge', 1], []]);
  });

  for (const [what, text] of [
    ['without values', patch('patch: "kind: Secret\\nmetadata: {labels: {a: b}}"')],
    ['with placeholders', patch('patch: "kind: Secret\\nstringData: {a: ${A}}"')],
    [
      'of other objects',
      patch(`{target: {kind: ConfigMap}, patch: '[{op: add, path: /data/a, value: Secret}]'}`),
    ],
    ['of labels', patch(`{${target}, patch: '[{op: add, path: /metadata/labels/a, value: x}]'}`)],
    ['that remove an item', patch(`{${target}, patch: '[{op: remove, path: /data/a}]'}`)],
    ['in files', patch('path: Secret.yaml')],
    ['that are no YAML', patch('patch: "Secret: {"')],
  ])
    test(`and accepts those ${what ?? ''}`, async () =>
      assert.deepEqual(await runRule(plaintextSecret, text ?? ''), []));
});

suite('the advice of S001', () => {
  test('is a command for this file, if it is a manifest with a simple name', async () => {
    const [problem] = await runRule(plaintextSecret, 'kind: Secret\nstringData: {a: x}\n');
    assert.match(problem?.advice ?? '', /^seal it with "kubeseal -f a\.yaml -w a\.yaml", and change/);
  });

  for (const [where, text] of [
    ['among several documents', 'kind: ConfigMap\n---\nkind: Secret\nstringData: {a: x}\n'],
    ['in a List', 'kind: List\nitems: [{kind: Secret, stringData: {a: x}}]\n'],
    ['in another object', 'kind: Template\nobjects: [{kind: Secret, stringData: {a: x}}]\n'],
  ])
    test(`says to move a Secret ${where ?? ''}, which kubeseal -f does not read`, async () => {
      const [problem] = await runRule(plaintextSecret, text ?? '');
      assert.match(
        problem?.advice ?? '',
        /^move the Secret to a file of its own, seal it with "kubeseal -f FILE/,
      );
    });

  for (const file of ['a b.yaml', '-a.yaml', '<stdin>', '$(a).yaml', 'a.txt'])
    test(`has no command for ${file}`, async () => {
      const [problem] = await runRule(plaintextSecret, 'kind: Secret\nstringData: {a: x}\n', file);
      assert.match(problem?.advice ?? '', /"kubeseal -f FILE -w SEALED-FILE"/);
    });
});

suite('S001 takes linear time', () => {
  test('for many items, and for many Secrets', async () => {
    const items = Array.from({ length: 50_000 }, (_, i) => `k${i}: x`).join(', ');
    assert.equal((await runRule(plaintextSecret, `kind: Secret\nstringData: {${items}}\n`)).length, 50_000);
    const secrets = Array.from({ length: 20_000 }, () => '- {kind: Secret, stringData: {a: x}}\n').join('');
    assert.equal((await runRule(plaintextSecret, `items:\n${secrets}`)).length, 20_000);
  });
});
