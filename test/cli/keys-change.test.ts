import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { refused } from '../support/scripted-api.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { KeyCluster, NAMESPACE, testKey, testObject, type TestKey } from './key-cluster.ts';

const old = await testKey('key-1', 'active', 30);
const newest = await testKey('key-2', 'active', 3);
const next = await testKey('key-3', 'active', 0);
const leaked = await testKey('key-x', 'compromised', 50);
const legacy = await testKey('sealed-secrets-key', undefined, 90);
const cluster = new KeyCluster();

beforeEach(() => {
  cluster.reset(old, newest, leaked, legacy);
  cluster.setRecord([
    [newest, 'newest', 1],
    [old, 'active', 0],
  ]);
});

/** Returns a key as a message names it. */
function shown({ name, certificate }: TestKey): string {
  return `${name} (${certificate.fingerprint})`;
}

suite('keys retire', () => {
  test('labels the Secret of a key that nothing needs, and unretire takes it back', async () => {
    cluster.sealed = [testObject('a/b', newest, 'status')];
    const retired = await cluster.run(['retire', 'key-1']);
    assert.deepEqual(
      [retired.code, retired.stdout, retired.stderr],
      [
        0,
        `${shown(old)} is retired\n`,
        '(its Secret stays; kubeseal keys unretire key-1 takes it into use again)\n',
      ],
    );
    assert.equal(cluster.labelOf('key-1'), 'retired');
    const [write, ...more] = cluster.writes;
    assert.deepEqual(
      [write?.method, write?.body, more],
      [
        'PATCH',
        { metadata: { uid: 'key-1', resourceVersion: '1', labels: { [SEALING_KEY_LABEL]: 'retired' } } },
        [],
      ],
    );
    assert.equal((await cluster.run(['retire', 'key-1'])).stdout, `${shown(old)} is retired already\n`);
    const back = await cluster.run(['unretire', 'key-1']);
    assert.deepEqual([back.code, back.stdout, back.stderr], [0, `${shown(old)} is active\n`, '']);
    assert.equal(cluster.labelOf('key-1'), 'active');
    assert.equal((await cluster.run(['unretire', 'key-1'])).stdout, `${shown(old)} is in use already\n`);
  });

  test('refuses a key that the cluster needs, and names what needs it', async () => {
    cluster.sealed = [
      testObject('a/opened', old, 'status'),
      testObject('a/hinted', old, 'hint'),
      testObject('b/other', newest, 'status'),
      ...Array.from({ length: 10 }, (_, i) => testObject(`c/${i}`, old, 'hint')),
    ];
    const { code, stdout, stderr } = await cluster.run(['retire', 'key-1']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^error: key-1 is still needed by 12 SealedSecrets: a\/opened, a\/hinted, by its annotation, .* and 2 more: re-encrypt and apply them first, or retire the key all the same with --force\n$/,
    );
    assert.ok(!stderr.includes('b/other'));
    assert.equal(cluster.labelOf('key-1'), 'active');
  });

  test('refuses a key that an object may need, since nothing tells', async () => {
    cluster.sealed = [testObject('a/silent', old, 'nothing')];
    const { code, stderr } = await cluster.run(['retire', 'key-1']);
    assert.equal(code, 1);
    assert.match(stderr, /^error: key-1 is still needed by 1 SealedSecret: a\/silent, perhaps: /);
  });

  test('refuses a key that files need', async () => {
    const folder = temporaryFolder();
    const file = folder.write('x.json', JSON.stringify(testObject('a/b', old, 'hint')));
    const { code, stderr } = await cluster.run(['retire', 'key-1', folder.path]);
    assert.equal(code, 1);
    assert.ok(
      stderr.startsWith(`error: key-1 is still needed by 1 SealedSecret: a/b (${file}), by its annotation: `),
    );
    folder.write('x.json', 'kind: SealedSecret\nmetadata: {');
    assert.equal((await cluster.run(['retire', 'key-1', folder.path])).code, 1);
    assert.equal(cluster.labelOf('key-1'), 'active');
  });

  test('retires it all the same with --force, and names what needed it', async () => {
    cluster.sealed = [testObject('a/b', old, 'status')];
    const { code, stderr } = await cluster.run(['retire', 'key-1', '--force']);
    assert.equal(code, 0);
    assert.match(stderr, /^warning: 1 SealedSecret that needed the key cannot be unsealed any more: a\/b\n/);
    assert.equal(cluster.labelOf('key-1'), 'retired');
  });

  const refusals: [string, RegExp][] = [
    [
      'key-2',
      /^error: key-2 is the newest key, with which everything is sealed now: .*kubeseal keys renew\n$/,
    ],
    ['key-x', /^error: key-x is labelled as compromised, and stays so: /],
    [
      'sealed-secrets-key',
      /^error: the controller uses the Secret sealed-secrets-key whatever its label says/,
    ],
    ['key-9', /^error: there is no sealing key "key-9"; did you mean key-2\?\n$/],
    [
      'nothing-like-it',
      /^error: there is no sealing key "nothing-like-it": there is key-2, key-1, key-x, sealed-secrets-key\n$/,
    ],
    ['SHA256:', /^error: there is no sealing key "SHA256:"/],
  ];
  for (const [key, message] of refusals) {
    test(`refuses ${key}, also with --force`, async () => {
      const { code, stdout, stderr } = await cluster.run(['retire', key, '--force']);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
      assert.deepEqual(cluster.writes, []);
    });
  }

  test('refuses the key that the record calls the newest', async () => {
    cluster.setRecord([[old, 'newest', 1]]);
    const { code, stderr } = await cluster.run(['retire', 'key-1']);
    assert.equal(code, 1);
    assert.match(stderr, /^error: key-1 is the newest key/);
  });

  test('takes the beginning of a fingerprint, with or without the name of the hash', async () => {
    const { fingerprint } = old.certificate;
    assert.equal((await cluster.run(['retire', fingerprint.slice(0, 13)])).code, 0);
    assert.equal((await cluster.run(['unretire', fingerprint.slice(7, 13)])).code, 0);
    assert.equal(cluster.labelOf('key-1'), 'active');
  });

  test('leaves a Secret that someone else relabels or replaces meanwhile', async () => {
    for (const patch of [
      { metadata: { labels: { [SEALING_KEY_LABEL]: 'compromised' } } },
      { data: { 'tls.crt': Buffer.from(newest.certificate.pem).toString('base64') } },
    ]) {
      cluster.reset(old, newest);
      cluster.interrupt = ({ method }) => {
        if (method === 'PATCH') cluster.interrupt = () => undefined;
        if (method === 'PATCH') cluster.change('key-1', patch);
        return undefined;
      };
      const { code, stderr } = await cluster.run(['retire', 'key-1']);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /error: the Secret key-1 was changed by someone else at the same time: nothing was done/,
      );
      assert.notEqual(cluster.labelOf('key-1'), 'retired');
    }
  });

  test('tries again after a change of something else', async () => {
    cluster.interrupt = ({ method }) => {
      if (method !== 'PATCH') return undefined;
      cluster.interrupt = () => undefined;
      cluster.change('key-1', { metadata: { annotations: { other: 'x' } } });
      return undefined;
    };
    assert.equal((await cluster.run(['retire', 'key-1'])).code, 0);
    assert.equal(cluster.labelOf('key-1'), 'retired');
  });

  test('names the right to patch Secrets, and wants the one to list SealedSecrets', async () => {
    cluster.refuses = (line) => line.startsWith('PATCH');
    const { code, stderr } = await cluster.run(['retire', 'key-1']);
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `error: you are not allowed to patch secrets in the namespace ${NAMESPACE}: it takes a Role with the verb "patch" for secrets\n`,
    );
    cluster.refuses = (line) => line.includes('sealedsecrets');
    assert.match(
      (await cluster.run(['retire', 'key-1'])).stderr,
      /list sealedsecrets\.bitnami\.com in all namespaces/,
    );
  });

  test('wants a key', async () => {
    const { code, stderr } = await cluster.run(['retire']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: keys retire: a key is required; its usage: kubeseal keys retire NAME\|FINGERPRINT /,
    );
  });
});

suite('keys renew', () => {
  /** Plays the controller: makes the next key when the record is read for the nth time after a request. */
  function makeAfter(reads: number): void {
    let left = reads;
    cluster.interrupt = ({ method, path }) => {
      if (
        method === 'GET' &&
        path.endsWith('/configmaps/sealed-secrets-keys') &&
        cluster.requested !== '' &&
        --left === 0
      )
        cluster.setRecord([
          [next, 'newest', 0],
          [newest, 'active', 1],
        ]);
      return undefined;
    };
  }

  test('requests a key in the record, waits for it, and names it', async () => {
    makeAfter(2);
    const { code, stdout, stderr } = await cluster.run(['renew']);
    assert.deepEqual([code, stdout], [0, `${shown(next)} is the newest key\n`]);
    assert.match(stderr, /^\(the older keys still open what they sealed; kubeseal re-encrypt DIR/);
    const [write, ...more] = cluster.writes;
    assert.deepEqual([write?.method, more], ['PATCH', []]);
    assert.match(cluster.requested, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('renews a key that was restored a moment ago: its Secret is new, and it is not', async () => {
    cluster.created = new Date();
    cluster.setRecord([[newest, 'newest', 1]]);
    makeAfter(1);
    assert.equal((await cluster.run(['renew'])).stdout, `${shown(next)} is the newest key\n`);
  });

  test('makes one key for two people at once', async () => {
    makeAfter(6);
    const both = await Promise.all([cluster.run(['renew']), cluster.run(['renew'])]);
    for (const { code, stdout } of both)
      assert.deepEqual([code, stdout], [0, `${shown(next)} is the newest key\n`]);
    const accepted = new Set(cluster.writes.map(({ body }) => JSON.stringify(body)));
    assert.ok(accepted.size <= 2);
    assert.equal((await cluster.run(['renew'])).stdout, `${shown(next)} was made a moment ago\n`);
  });

  test('waits for the key of a request that waits already', async () => {
    await cluster.run(['renew', '--timeout', '0s']);
    const { requested } = cluster;
    cluster.writes.length = 0;
    makeAfter(3);
    assert.equal((await cluster.run(['renew'])).code, 0);
    assert.deepEqual([cluster.writes, cluster.requested], [[], requested]);
  });

  test('fails if no key appears in time, and says that the request stays', async () => {
    const { code, stdout, stderr } = await cluster.run(['renew', '--timeout', '1s']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^error: no new key appeared within 1s; the request stays in the ConfigMap keys-here\/sealed-secrets-keys/,
    );
  });

  test('goes on while the API server is away', async () => {
    let reads = 0;
    cluster.interrupt = ({ method, path }) => {
      if (method !== 'GET' || !path.endsWith('/configmaps/sealed-secrets-keys') || cluster.requested === '')
        return undefined;
      if (++reads < 3) return refused(503, 'ServiceUnavailable');
      cluster.setRecord([[next, 'newest', 0]]);
      return undefined;
    };
    assert.equal((await cluster.run(['renew'])).code, 0);
  });

  test('says how else to renew without a record', async () => {
    cluster.record = undefined;
    const { code, stderr } = await cluster.run(['renew']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: the namespace keys-here has no key record sealed-secrets-keys, in which a new key is requested: send SIGUSR1/,
    );
  });

  test('names the right that is missing', async () => {
    cluster.refuses = (line) => line.startsWith('PATCH');
    const { code, stderr } = await cluster.run(['renew']);
    assert.equal(code, 1);
    assert.match(stderr, /you are not allowed to patch configmaps in the namespace keys-here/);
  });

  for (const timeout of ['soon', '-1s', '5']) {
    test(`refuses the timeout ${timeout}`, async () => {
      const { code, stderr } = await cluster.run(['renew', '--timeout', timeout]);
      assert.equal(code, 1);
      assert.equal(
        stderr,
        'error: --timeout: not a duration; write a number with a unit, such as 30s or 5m\n',
      );
    });
  }
});
