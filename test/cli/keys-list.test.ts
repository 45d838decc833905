import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { DAY } from '../support/keys.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { cellsOf, CREATED, KeyCluster, NAMESPACE, testKey, testObject } from './key-cluster.ts';

const old = await testKey('key-1', 'active', 30);
const newest = await testKey('key-2', 'active', 3);
const retired = await testKey('key-0', 'retired', 60);
const leaked = await testKey('key-x', 'compromised', 50);
const legacy = await testKey('sealed-secrets-key', undefined, 90);
const ahead = await testKey('key-3', 'active', -5);
const cluster = new KeyCluster();
const NO_RECORD =
  `(the namespace ${NAMESPACE} has no key record sealed-secrets-keys: the key Secrets are read instead, ` +
  'with your own rights)\n';

function shortOf({ certificate }: typeof old): string {
  return certificate.fingerprint.slice(0, 19);
}

beforeEach(() => cluster.reset(old, newest, retired, leaked, legacy, ahead));

suite('keys list with a key record', () => {
  beforeEach(() => {
    const verified = { [newest.certificate.fingerprint]: { verified: '2026-05-06T07:08:09Z' } };
    cluster.setRecord(
      [
        [newest, 'newest', 12],
        [old, 'active', 3],
        [retired, 'retired', undefined],
      ],
      { 'backups.json': JSON.stringify({ version: 1, keys: verified }) },
    );
  });

  test('shows state, use and backup of each key as the controller recorded them', async () => {
    cluster.refuses = (line) => line.includes('/secrets') || line.includes('sealedsecrets');
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^NAME {3,}FINGERPRINT {3,}CREATED {3,}STATE {3,}IN CLUSTER {3,}BACKUP\n/);
    assert.deepEqual(cellsOf(stdout), [
      ['key-2', shortOf(newest), CREATED, 'newest', '12', '2026-05-06T07:08:09Z'],
      ['key-1', shortOf(old), CREATED, 'active', '3', 'never'],
      ['key-0', shortOf(retired), CREATED, 'retired', 'unknown', 'never'],
    ]);
  });

  test('shows whole fingerprints and dates with -o wide', async () => {
    const [first] = cellsOf((await cluster.run(['list', '-o', 'wide'])).stdout);
    const date = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
    assert.equal(first?.[1], newest.certificate.fingerprint);
    assert.deepEqual(
      first.slice(4, 6).map((time) => time.slice(0, 10)),
      [date(-3), date(97)],
    );
  });

  test('counts the objects of files by their annotations, and tells what it cannot count', async () => {
    const folder = temporaryFolder();
    const files = [
      testObject('shop/a', newest, 'hint'),
      testObject('shop/b', newest, 'hint'),
      testObject('shop/c', old, 'nothing'),
    ];
    folder.write('all.yaml', files.map((file) => `---\n${JSON.stringify(file)}\n`).join(''));
    const { stdout, stderr } = await cluster.run(['list', folder.path]);
    assert.match(stdout, / {3,}IN FILES {3,}BACKUP\n/);
    assert.deepEqual(
      cellsOf(stdout).map((cells) => [cells[0], cells[5]]),
      [
        ['key-2', '2'],
        ['key-1', '0'],
        ['key-0', '0'],
      ],
    );
    assert.match(
      stderr,
      /^\(not counted: 1 SealedSecret in files whose key is not known; see kubeseal keys usage\)$/m,
    );
  });

  test('takes the Secrets if the record is malformed, and says so', async () => {
    cluster.setRecord([], { 'keys.json': '{"version":1,"keys":{}}' });
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.equal(code, 0);
    assert.match(stdout, /^key-2 /m);
    assert.match(
      stderr,
      /^warning: ConfigMap keys-here\/sealed-secrets-keys: keys\.json.*a list.*\n\(the key record lists no keys/,
    );
  });
});

suite('keys list without a key record', () => {
  test('reads the Secrets, newest first, and counts the objects itself', async () => {
    cluster.sealed = [testObject('a/1', newest, 'status'), testObject('a/2', old, 'hint')];
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.deepEqual([code, stderr], [0, NO_RECORD]);
    assert.deepEqual(
      cellsOf(stdout),
      (
        [
          [ahead, 'active', '0'],
          [newest, 'newest', '1'],
          [old, 'active', '1'],
          [leaked, 'compromised', '0'],
          [retired, 'retired', '0'],
          [legacy, 'active', '0'],
        ] as const
      ).map(([key, state, count]) => [key.name, shortOf(key), CREATED, state, count, 'unknown']),
    );
  });

  test('writes the same as JSON and YAML, without the private keys', async () => {
    const { stdout } = await cluster.run(['list', '-o', 'json']);
    const { keys } = JSON.parse(stdout) as { keys: { name: string; state: string; backup: null }[] };
    assert.deepEqual(
      keys.slice(0, 2).map(({ name, state, backup }) => [name, state, backup]),
      [
        ['key-3', 'active', null],
        ['key-2', 'newest', null],
      ],
    );
    assert.doesNotMatch(stdout, /PRIVATE|tls\.key/);
    assert.match((await cluster.run(['list', '-o', 'yaml'])).stdout, /^---\nkeys:\n/);
  });

  test('goes on without the right to list SealedSecrets, and names it', async () => {
    cluster.refuses = (line) => line.includes('sealedsecrets');
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.equal(code, 0);
    assert.equal(cellsOf(stdout)[0]?.[4], 'unknown');
    assert.match(
      stderr,
      /\(you are not allowed to list sealedsecrets\.bitnami\.com in all namespaces: it takes a ClusterRole with the verb "list"/,
    );
  });

  test('lists the other keys if one Secret has no certificate', async () => {
    const metadata = { name: 'broken', namespace: NAMESPACE, uid: 'b', resourceVersion: '1' };
    const secret = { metadata: { ...metadata, labels: { [SEALING_KEY_LABEL]: 'active' } } };
    cluster.add({ ...old, name: 'broken', secret });
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.equal(code, 0);
    assert.match(stdout, /^key-1 /m);
    assert.match(
      stderr,
      /^warning: not listed: Secret keys-here\/broken: tls\.crt holds no PEM certificate/m,
    );
  });

  test('names the rights that are missing', async () => {
    cluster.refuses = () => true;
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.deepEqual([code, stdout], [1, '']);
    const denied = (verb: string, resource: string): string =>
      `you are not allowed to ${verb} ${resource} in the namespace ${NAMESPACE}: it takes a Role with the verb "${verb}" for ${resource}`;
    assert.equal(
      stderr,
      `(${denied('get', 'configmaps')}: the key Secrets are read instead, with your own rights)\n` +
        `error: ${denied('list', 'secrets')}\n`,
    );
  });

  test('says so if there are no keys', async () => {
    cluster.reset();
    const { code, stdout, stderr } = await cluster.run(['list']);
    assert.deepEqual(
      [code, stdout, stderr],
      [0, '', `${NO_RECORD}no sealing keys in the namespace ${NAMESPACE}\n`],
    );
  });

  test('fails without an API server', async () => {
    const { code, stderr } = await kubeseal(['keys', 'list', '--server', 'http://127.0.0.1:1']);
    assert.equal(code, 1);
    assert.match(stderr, /^error: cannot reach .*127\.0\.0\.1:1/);
  });
});

suite('keys export', () => {
  test('writes all certificates with comments, and no private key', async () => {
    const folder = temporaryFolder();
    const file = `${folder.path}/certs.pem`;
    const { code, stdout } = await cluster.run(['export', '--public', '-w', file]);
    assert.deepEqual([code, stdout], [0, '']);
    const text = readFileSync(file, 'utf8');
    for (const { name, certificate } of [old, newest, retired, leaked, legacy, ahead]) {
      assert.ok(text.includes(certificate.pem));
      assert.match(text, new RegExp(`^# ${name} \\((newest|active|retired|compromised)\\)$`, 'm'));
      assert.ok(text.includes(`\n# ${certificate.fingerprint}\n`));
    }
    assert.doesNotMatch(text, /PRIVATE/);
    // What it writes is what explain reads.
    const sealed = folder.write('sealed.json', JSON.stringify(testObject('a/b', old, 'nothing')));
    const explained = await kubeseal(['explain', sealed, '--cert', file]);
    assert.equal(explained.code, 0);
    assert.match(
      explained.stdout,
      new RegExp(`certificate .*: ${old.certificate.fingerprint.replaceAll('+', '\\+')}`),
    );
  });

  test('wants --public, so that nobody takes it for a backup', async () => {
    const { code, stderr } = await cluster.run(['export']);
    assert.equal(code, 1);
    assert.match(stderr, /^error: keys export: say --public: .*kubeseal keys backup\n$/);
  });
});
