import assert from 'node:assert/strict';
import { readFileSync, statSync, chmodSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { inProcess } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const seal = (item: string, name = 'db'): string =>
  sealedItem(certificate, { name, namespace: 'shop' }, `value of ${item}`);

const DB = `# the database
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: shop}
spec:
  encryptedData:
    # changes often
    token: ${seal('token')}
    password: ${seal('password')} # rotated monthly
    user: ${seal('user')}
`;
const LINES = { token: /^ {4}# changes often\n {4}token: .*\n/m, user: /^ {4}user: .*\n/m };
const OTHER = `kind: SealedSecret
metadata: {name: other, namespace: shop}
spec: {encryptedData: {token: ${seal('token', 'other')}}}
`;

let files = 0;
function file(text: string): string {
  return folder.write(`sealed-${++files}.yaml`, text);
}

suite('kubeseal unset', () => {
  test('removes an item and its comment, and leaves every other byte', async () => {
    const path = file(DB);
    chmodSync(path, 0o640);
    const { warnings, errors } = await inProcess(['unset', path, 'token']);
    assert.deepEqual([warnings, errors], [[`${path}: token removed, 2 items untouched`], []]);
    const after = readFileSync(path, 'utf8');
    assert.equal(after, DB.replace(LINES.token, ''));
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.deepEqual(await itemsOf(after), [{ password: 'value of password', user: 'value of user' }]);
  });

  test('removes several items, of which one is named twice', async () => {
    const path = file(DB);
    const { warnings } = await inProcess(['unset', path, 'token', 'user', 'token']);
    assert.deepEqual(warnings, [`${path}: token and user removed, 1 item untouched`]);
    assert.equal(readFileSync(path, 'utf8'), DB.replace(LINES.token, '').replace(LINES.user, ''));
  });

  test('with --dry-run, says what it would do and changes nothing', async () => {
    const path = file(DB);
    const { warnings } = await inProcess(['unset', path, 'token', '--dry-run']);
    assert.deepEqual(warnings, [
      `${path}: token removed, 2 items untouched (dry run: the file was not changed)`,
    ]);
    assert.equal(readFileSync(path, 'utf8'), DB);
  });

  test('warns if no items are left', async () => {
    const path = file(OTHER);
    const { warnings } = await inProcess(['unset', path, 'token']);
    assert.deepEqual(warnings, [
      `warning: ${path}: the Secret has no items any more`,
      `${path}: token removed`,
    ]);
    assert.match(readFileSync(path, 'utf8'), /encryptedData: \{\}/);
  });

  test('warns of templates and of a type that need the item', async () => {
    const template = `  template:
    type: kubernetes.io/basic-auth
    data:
      url: https://{{ .token }}@example.com/{{ .user }}/{{ .never }}
      maybe: '{{ .token | default "none" }}'
`;
    const path = file(DB + template);
    const { warnings } = await inProcess(['unset', path, 'token', 'password']);
    assert.deepEqual(warnings, [
      `warning: ${path}: template item url refers to missing item "token"`,
      `warning: ${path}: a Secret of type kubernetes.io/basic-auth needs the item username or password: the API server refuses it otherwise`,
      `${path}: token and password removed, 1 item untouched`,
    ]);
  });

  test('chooses one of several SealedSecrets by document, name or namespace', async () => {
    const both = `${DB}---\n${OTHER}`;
    for (const flags of [
      ['--document', '1'],
      ['--name', 'db'],
      ['--name=db', '-n', 'shop'],
    ]) {
      const path = file(both);
      assert.deepEqual((await inProcess(['unset', path, 'token', ...flags])).errors, []);
      assert.equal(readFileSync(path, 'utf8'), both.replace(LINES.token, ''), flags.join(' '));
    }
  });

  const refused: [string, string, readonly string[], RegExp][] = [
    ['an item that is not there', DB, ['tokn'], /^FILE has no item "tokn" \(Did you mean "token"\?\)$/],
    ['one of several items that is not there', DB, ['user', 'nothing'], /^FILE has no item "nothing"$/],
    [
      'several SealedSecrets',
      `${DB}---\n${OTHER}`,
      ['token'],
      /^FILE holds 2 SealedSecrets: .*--document or --name$/,
    ],
    [
      'a document that is not there',
      DB,
      ['token', '--document', '2'],
      /^FILE does not hold the SealedSecret of --document/,
    ],
    ['no item', DB, [], /^unset: an item is required; its usage: kubeseal unset FILE KEY… \[flags\]$/],
    [
      'a file without a SealedSecret',
      'kind: ConfigMap\n',
      ['token'],
      /^FILE holds a ConfigMap, not a SealedSecret$/,
    ],
    [
      'an alias',
      DB.replace('encryptedData:', 'encryptedData: &all') + 'x-same: *all\n',
      ['token'],
      /^FILE cannot be edited in place/,
    ],
  ];
  for (const [what, text, args, wanted] of refused) {
    test(`refuses ${what}, and changes nothing`, async () => {
      const path = file(text);
      const { warnings, errors } = await inProcess(['unset', path, ...args]);
      assert.deepEqual([warnings.length, errors.length], [0, 1]);
      assert.match(errors.join('').replaceAll(path, 'FILE'), wanted);
      assert.equal(readFileSync(path, 'utf8'), text);
    });
  }

  test('refuses a file that is not there, and a command line without a file', async () => {
    assert.match((await inProcess(['unset', `${folder.path}/nosuch`, 'a'])).errors.join(), /nosuch/);
    assert.match((await inProcess(['unset'])).errors.join(), /^unset: a file is required/);
  });

  test('reads stdin and writes stdout with -', async () => {
    const ran = await kubeseal(['unset', '-', 'token'], { stdin: DB });
    assert.deepEqual(ran, {
      code: 0,
      stdout: DB.replace(LINES.token, ''),
      stderr: '<stdin>: token removed, 2 items untouched\n',
    });
  });
});
