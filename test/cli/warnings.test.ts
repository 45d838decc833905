import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const CANARY = 'hunter2-canary';
const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const sealed = (await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: SECRET })).stdout;

suite('a field that Kubernetes does not know', () => {
  const ofSecrets: [string, string][] = [
    [`stringDatas: {a: ${CANARY}}`, 'ignoring unknown field "stringDatas"; did you mean "stringData"?'],
    [`dta: {a: ${CANARY}}`, 'ignoring unknown field "dta"; did you mean "data"?'],
    [`secrets: {a: ${CANARY}}`, 'ignoring unknown field "secrets"'],
    [
      `sops: {mac: ${CANARY}}`,
      'ignoring unknown field "sops": the values are encrypted with SOPS; decrypt the file first',
    ],
    [`"spec:${CANARY}": {}`, 'ignoring unknown field "spec:…"'],
  ];
  for (const [field, words] of ofSecrets) {
    test(`is reported in one line: ${field.split(':')[0] ?? ''}`, async () => {
      const ran = await kubeseal(['--cert', cert], { stdin: `${SECRET}${field}\n` });
      assert.deepEqual([ran.code, ran.stderr], [0, `warning: <stdin>: ${words}\n`]);
    });
  }

  test('is found in metadata, and in a file that is merged', async () => {
    const stdin = SECRET.replace('namespace: prod', 'namespace: prod, annotation: {a: b}');
    const line = 'metadata: ignoring unknown field "annotation"; did you mean "annotations"?\n';
    const ran = await kubeseal(['--cert', cert], { stdin });
    assert.deepEqual([ran.code, ran.stderr], [0, `warning: <stdin>: ${line}`]);
    const file = folder.write('target.yaml', sealed);
    const merged = await kubeseal(['--cert', cert, '--merge-into', file], { stdin });
    assert.deepEqual([merged.code, merged.stderr], [0, `warning: <stdin>: ${line}`]);
  });

  test('is found in a SealedSecret, and several are counted', async () => {
    const stdin = sealed
      .replace('spec:\n', `spec:\n  encryptedDatas: {a: ${CANARY}}\n`)
      .replace('  template:\n', '  template:\n    typ: Opaque\n');
    const line =
      'warning: <stdin>: spec: ignoring unknown field "encryptedDatas"; did you mean "encryptedData"? and 1 more\n';
    const recovery = ['--recovery-unseal', '--recovery-private-key', key];
    const recovered = await kubeseal(recovery, { stdin });
    assert.deepEqual([recovered.code, recovered.stderr], [0, line]);
    const encrypted = await kubeseal(['--re-encrypt', '--recovery-private-key', key, '--cert', cert], {
      stdin,
    });
    assert.deepEqual([encrypted.code, encrypted.stderr], [0, line]);
  });

  test('is not assumed if it is known in any letter case, set by the server, or holds an anchor', async () => {
    const known =
      'apiVersion: v1\nKIND: Secret\ntype: Opaque\nimmutable: true\nstatus: {}\nx-a: &a {b: c}\nx: 1\n' +
      'metadata: {name: db, namespace: prod, uid: a, resourceVersion: "1", generation: 1, managedFields: [], ' +
      'creationTimestamp: null, selfLink: /a, ownerReferences: [], labels: {stringDatas: x}}\nstringDATA: {password: x}\n';
    const ran = await kubeseal(['--cert', cert], { stdin: known });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    const stdin = `${sealed}status: {conditions: []}\n`;
    const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], { stdin });
    assert.deepEqual([recovered.code, recovered.stderr], [0, '']);
  });
});

suite('a SealedSecret that is too large', () => {
  const LARGE = /^warning: [^\n]*: the SealedSecret has \d\.\d\d MiB; etcd accepts at most 1\.5 MiB$/m;

  function secretOf(items: Readonly<Record<string, number>>): string {
    const stringData = Object.fromEntries(
      Object.entries(items).map(([item, length]) => [item, 'x'.repeat(length)]),
    );
    return JSON.stringify({ metadata: { name: 'db', namespace: 'prod' }, stringData });
  }

  test('causes a warning, even if its Secret is not too large', async () => {
    // Each value grows by some 300 bytes, and by a third.
    const many = Object.fromEntries(Array.from({ length: 4_500 }, (_, index) => [`item-${index}`, 1]));
    const { code, stdout, stderr } = await kubeseal(['--cert', cert], { stdin: secretOf(many) });
    assert.equal(code, 0);
    assert.match(stderr, LARGE);
    assert.ok(Buffer.byteLength(JSON.stringify(JSON.parse(stdout))) > 1.5 * 1024 * 1024);
  });

  test('causes a warning when items are merged into it, and so does its Secret', async () => {
    const first = await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: secretOf({ a: 700_000 }) });
    assert.equal(first.stderr, '');
    const file = folder.write('large.yaml', first.stdout);
    const { code, stderr } = await kubeseal(['--cert', cert, '--merge-into', file], {
      stdin: secretOf({ b: 700_000 }),
    });
    assert.equal(code, 0);
    assert.match(stderr, LARGE);
    assert.match(
      stderr,
      /^warning: [^\n]*: the Secret will hold 1\.34 MiB of data; at most 1 MiB is allowed$/m,
    );
    assert.ok(readFileSync(file).length > 1.5 * 1024 * 1024);
  });

  test('is one above the limits only', async () => {
    const { code, stderr } = await kubeseal(['--cert', cert], { stdin: secretOf({ a: 1024 * 1024 }) });
    assert.deepEqual([code, stderr], [0, '']);
  });
});
