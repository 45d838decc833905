import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const key = folder.write('key.pem', keyPem('c2048'));
const certificate = parseCertificate(pem, 'c2048');
const DB = { name: 'db', namespace: 'prod' };

const TEXT = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: prod
spec:
  encryptedData:
    password: ${sealedItem(certificate, DB, 'pw')}
    user: ${sealedItem(certificate, DB, 'ada')}
  template:
    data:
      password: null # for the URL alone
      tilde: ~
      url: "{{ .user }}:{{ .password }}@db"
`;

async function recovered(text: string): Promise<unknown> {
  const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], { stdin: text });
  assert.deepEqual([ran.code, ran.stderr], [0, '']);
  const secret = JSON.parse(ran.stdout) as { data: Record<string, string> };
  return Object.fromEntries(
    Object.entries(secret.data).map(([item, value]) => [item, Buffer.from(value, 'base64').toString()]),
  );
}

suite('a template of null, with kubeseal', () => {
  test('leaves its item out of the recovered Secret', async () => {
    assert.deepEqual(await recovered(TEXT), { user: 'ada', url: 'ada:pw@db' });
  });

  test('stays in the file when it is re-encrypted', async () => {
    const file = folder.write('re-encrypt.yaml', TEXT);
    const keys = ['--cert', cert, '--recovery-private-key', key];
    const ran = await kubeseal(['--re-encrypt', ...keys, '-f', file, '-w', file]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    const text = readFileSync(file, 'utf8');
    assert.notEqual(text, TEXT);
    assert.ok(text.includes('      password: null # for the URL alone\n      tilde: ~\n'), text);
    assert.deepEqual(await recovered(text), { user: 'ada', url: 'ada:pw@db' });
  });

  test('stays in the other format', async () => {
    const file = folder.write('format.yaml', TEXT);
    const keys = ['--cert', cert, '--recovery-private-key', key];
    const ran = await kubeseal(['--re-encrypt', ...keys, '-f', file, '-o', 'json', '-w', `${file}.json`]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(readFileSync(`${file}.json`, 'utf8'), /"password": null/);
  });

  test('stays in a file that items are merged into, with a warning about a new item that it leaves out', async () => {
    const file = folder.write('merge.yaml', TEXT);
    const input = folder.write(
      'input.yaml',
      'metadata: {name: db, namespace: prod}\nstringData: {password: x}\n',
    );
    const ran = await kubeseal(['--cert', cert, '-f', input, '--merge-into', file]);
    assert.deepEqual(
      [ran.code, ran.stderr],
      [
        0,
        `(${file}: templates in the file can copy the new items into "url")\n` +
          `warning: ${file}: spec.template.data is null for "password": the Secret will not contain the sealed value\n`,
      ],
    );
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes('      password: null # for the URL alone\n'), text);
    assert.deepEqual(await recovered(text), { user: 'ada', url: 'ada:x@db' });
  });

  test('can remove an item that the type of the Secret requires, with a warning from merging', async () => {
    const file = folder.write(
      'typed.yaml',
      TEXT.replace('  template:\n', '  template:\n    type: kubernetes.io/tls\n').replace('tilde', 'tls.key'),
    );
    const items = '{tls.crt: a, tls.key: b}';
    const input = folder.write('tls.yaml', `metadata: {name: db, namespace: prod}\nstringData: ${items}\n`);
    const ran = await kubeseal(['--cert', cert, '-f', input, '--merge-into', file]);
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /a Secret of type kubernetes\.io\/tls needs the item tls\.key: the API server/);
  });

  test('allows an item a name that no Secret can have', async () => {
    const named = TEXT.replaceAll('password:', 'pass/word:').replace('.password', 'index . "pass/word"');
    const file = folder.write('named.yaml', named.replace('index . "pass/word"', '.user'));
    const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-f', file]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
  });

  test('is never made by sealing', async () => {
    const stdin = 'kind: Secret\nmetadata: {name: db, namespace: prod}\ndata: {a: null, b: YQ==}\n';
    for (const format of ['json', 'yaml']) {
      const ran = await kubeseal(['--cert', cert, '-o', format], { stdin });
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.ok(!ran.stdout.includes('null'), ran.stdout);
    }
  });
});
