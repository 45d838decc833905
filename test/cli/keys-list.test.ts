import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/certificate.ts';
import { certificateOf, DAY, pkcs8, rsa } from '../support/keys.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { refused, ScriptedApi, type Asked, type Reply } from '../support/scripted-api.ts';

const NAMESPACE = 'keys-here';
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const NOW = Date.now();
/** When the Secrets were created, as the API server writes it. */
const CREATED = '2026-01-02T03:04:05Z';

interface StoredKey {
  readonly secret: object;
  readonly fingerprint: string;
}

/** Returns a key Secret whose certificate became valid some days ago, for 100 days. */
async function keyOf(name: string, state: string | undefined, days: number): Promise<StoredKey> {
  const key = rsa();
  const certificate = await certificateOf(key, {
    notBefore: new Date(NOW - days * DAY),
    validity: 100 * DAY,
  });
  const labels = state === undefined ? {} : { labels: { [SEALING_KEY_LABEL]: state } };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    secret: {
      metadata: {
        name,
        namespace: NAMESPACE,
        uid: name,
        resourceVersion: '1',
        creationTimestamp: CREATED,
        ...labels,
      },
      data: { 'tls.crt': base64(certificate), 'tls.key': base64(pkcs8(key)) },
    },
    fingerprint: parseCertificate(certificate, name).fingerprint,
  };
}

function list(...items: readonly object[]): Reply {
  return { status: 200, body: { kind: 'SecretList', metadata: { resourceVersion: '1' }, items } };
}

/** Runs `keys list` against a scripted API server. */
async function keysList(reply: (asked: Asked) => Reply, ...args: readonly string[]): Promise<Ran> {
  const api = await ScriptedApi.start(reply);
  try {
    const { server } = api.api.transport.connection;
    return await kubeseal(['keys', 'list', '--server', server, '--controller-namespace', NAMESPACE, ...args]);
  } finally {
    api.stop();
  }
}

const old = await keyOf('key-1', 'active', 30);
const newest = await keyOf('key-2', 'active', 3);
const retired = await keyOf('key-0', 'retired', 60);
const leaked = await keyOf('key-x', 'compromised', 50);
const legacy = await keyOf('sealed-secrets-key', undefined, 90);
const ahead = await keyOf('key-3', 'active', -5);
const KEYS = [old, newest, retired, leaked, ahead];

/** Answers as an API server with these keys. */
function withKeys({ path, query }: Asked): Reply {
  if (path === SECRETS && query.get('labelSelector') === SEALING_KEY_LABEL)
    return list(...KEYS.map(({ secret }) => secret));
  return path === `${SECRETS}/sealed-secrets-key`
    ? { status: 200, body: legacy.secret }
    : refused(404, 'NotFound');
}

suite('keys list', () => {
  test('shows the keys newest first, with their states', async () => {
    const { code, stdout, stderr } = await keysList(withKeys);
    assert.deepEqual([code, stderr], [0, '']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    assert.deepEqual(rows[0], ['NAME', 'FINGERPRINT', 'CREATED', 'STATE']);
    const wanted = [
      ['key-3', ahead, 'active'],
      ['key-2', newest, 'newest'],
      ['key-1', old, 'active'],
      ['key-x', leaked, 'compromised'],
      ['key-0', retired, 'retired'],
      ['sealed-secrets-key', legacy, 'active'],
    ] as const;
    assert.deepEqual(
      rows.slice(1),
      wanted.map(([name, { fingerprint }, state]) => [name, fingerprint.slice(0, 19), CREATED, state]),
    );
  });

  test('shows whole fingerprints and dates with -o wide', async () => {
    const { stdout } = await keysList(withKeys, '-o', 'wide');
    const row = stdout.split('\n').find((line) => line.startsWith('key-2 '));
    const date = (days: number): string => new Date(NOW + days * DAY).toISOString().replace(/\.\d+Z/, 'Z');
    assert.deepEqual(row?.split(/ {2,}/), [
      'key-2',
      newest.fingerprint,
      CREATED,
      'newest',
      date(-3),
      date(97),
    ]);
  });

  test('writes the same as JSON and YAML, without the private keys', async () => {
    const { stdout } = await keysList(withKeys, '-o', 'json');
    const { keys } = JSON.parse(stdout) as { keys: { name: string; state: string }[] };
    assert.deepEqual(keys.map(({ name, state }) => [name, state]).slice(0, 2), [
      ['key-3', 'active'],
      ['key-2', 'newest'],
    ]);
    assert.doesNotMatch(stdout, /PRIVATE|tls\.key/);
    assert.match((await keysList(withKeys, '-o', 'yaml')).stdout, /^---\nkeys:\n/);
  });

  test('lists the other keys if one Secret has no certificate', async () => {
    const broken = {
      metadata: {
        name: 'broken',
        namespace: NAMESPACE,
        uid: 'b',
        resourceVersion: '1',
        labels: { [SEALING_KEY_LABEL]: 'active' },
      },
    };
    const { code, stdout, stderr } = await keysList(({ path }) =>
      path === SECRETS ? list(broken, old.secret) : refused(404, 'NotFound'),
    );
    assert.equal(code, 0);
    assert.match(stdout, /^key-1 /m);
    assert.match(stderr, /^warning: not listed: Secret keys-here\/broken: tls\.crt holds no PEM certificate/);
  });

  test('names the right that is missing', async () => {
    const { code, stdout, stderr } = await keysList(() => refused(403, 'Forbidden', { message: 'canary' }));
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      `error: you are not allowed to list secrets in the namespace ${NAMESPACE}: it takes a Role with the verb "list" for secrets\n`,
    );
  });

  test('says so if there are no keys', async () => {
    const { code, stdout, stderr } = await keysList(({ path }) =>
      path === SECRETS ? list() : refused(404, 'NotFound'),
    );
    assert.deepEqual([code, stdout, stderr], [0, '', `no sealing keys in the namespace ${NAMESPACE}\n`]);
  });

  test('fails without an API server', async () => {
    const { code, stderr } = await kubeseal(['keys', 'list', '--server', 'http://127.0.0.1:1']);
    assert.equal(code, 1);
    assert.match(stderr, /^error: cannot reach .*127\.0\.0\.1:1/);
  });
});
