import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { temporaryFolder } from '../support/temporary.ts';
import { KeyCluster, testKey, testObject } from './key-cluster.ts';

const old = await testKey('key-1', 'active', 30);
const newest = await testKey('key-2', 'active', 3);
const foreign = await testKey('elsewhere', 'active', 10);
const cluster = new KeyCluster();

beforeEach(() => {
  cluster.reset(old, newest);
  cluster.setRecord([
    [newest, 'newest', 1],
    [old, 'active', 2],
  ]);
});

/** Returns the rows of a table whose header begins with a word. */
function tableIn(text: string, first: string): string[][] {
  const lines = text.slice(text.search(new RegExp(`^${first} `, 'm'))).split('\n');
  return lines
    .slice(1, lines.includes('') ? lines.indexOf('') : undefined)
    .map((line) => line.split(/ {3,}/));
}

suite('keys usage', () => {
  test('tells for each object what is proven, claimed and unknown', async () => {
    cluster.sealed = [
      testObject('a/opened', old, 'status'),
      testObject('a/hinted', newest, 'hint'),
      testObject('a/silent', newest, 'nothing'),
      testObject('a/foreign', foreign, 'status'),
    ];
    const { code, stdout, stderr } = await cluster.run(['usage']);
    assert.equal(code, 0);
    const rows = tableIn(stdout, 'OBJECT');
    assert.deepEqual(
      rows.filter(([name]) => name !== 'a/silent'),
      [
        ['a/foreign', `${foreign.certificate.fingerprint.slice(0, 19)} (not in the cluster): proven`],
        ['a/hinted', 'key-2: claimed'],
        ['a/opened', 'key-1: proven'],
      ],
    );
    const silent = rows.find(([name]) => name === 'a/silent')?.[1] ?? '';
    assert.match(silent, /^unknown: perhaps key-2( or key-1)?$/);
    assert.equal(
      stderr,
      '4 SealedSecrets in the cluster: 2 proven (the controller opened them), 1 claimed (by their annotation), 1 unknown\n',
    );
    const [first, second] = tableIn(stdout, 'KEY');
    assert.deepEqual([first?.[0], first?.[3], first?.[4]], ['key-2', '0', '1']);
    assert.deepEqual([second?.[0], second?.[3], second?.[4]], ['key-1', '1', '0']);
  });

  test('disbelieves an annotation that the ciphertext contradicts', async () => {
    const file = testObject('a/b', old, 'hint', newest);
    // Above every modulus of this size, so that no key of it can have made the ciphertext.
    const huge = Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(256, 255), Buffer.alloc(20)]);
    cluster.sealed = [{ ...file, spec: { encryptedData: { item: huge.toString('base64') } } }];
    const { stdout } = await cluster.run(['usage']);
    assert.deepEqual(tableIn(stdout, 'OBJECT')[0], ['a/b', 'unknown: no key fits']);
  });

  test('believes a status only about the generation that it is of', async () => {
    const stale = testObject('a/b', newest, 'status', old);
    cluster.sealed = [{ ...stale, metadata: { ...(stale as { metadata: object }).metadata, generation: 3 } }];
    const { stdout } = await cluster.run(['usage']);
    assert.match(tableIn(stdout, 'OBJECT')[0]?.[1] ?? '', /^unknown: perhaps /);
  });

  test('shows files beside the cluster, where the same ciphertexts are proven, too', async () => {
    const opened = testObject('a/same', old, 'status');
    cluster.sealed = [opened, testObject('a/newer', old, 'status')];
    const folder = temporaryFolder();
    const same = folder.write('same.json', JSON.stringify(opened));
    const newer = folder.write('newer.json', JSON.stringify(testObject('a/newer', newest, 'hint')));
    const lost = folder.write('lost.json', JSON.stringify(testObject('b/lost', newest, 'hint')));
    const { code, stdout, stderr } = await cluster.run(['usage', folder.path]);
    assert.equal(code, 0);
    assert.deepEqual(tableIn(stdout, 'OBJECT'), [
      ['a/newer', 'key-1: proven', 'key-2: claimed', newer],
      ['a/same', 'key-1: proven', 'key-1: proven', same],
      ['b/lost', '-', 'key-2: claimed', lost],
    ]);
    assert.match(stderr, /^3 SealedSecrets in files: 1 proven .*, 2 claimed .*, 0 unknown$/m);
  });

  test('writes all of it as JSON', async () => {
    cluster.sealed = [testObject('a/opened', old, 'status')];
    const { stdout } = await cluster.run(['usage', '-o', 'json']);
    const { fingerprint } = old.certificate;
    assert.deepEqual((JSON.parse(stdout) as { objects: unknown }).objects, [
      { namespace: 'a', name: 'opened', cluster: { evidence: 'proven', keys: [fingerprint] } },
    ]);
    assert.doesNotMatch(stdout, /encryptedData|value of/);
  });

  test('needs the right to list SealedSecrets, unless there are files', async () => {
    cluster.refuses = (line) => line.includes('sealedsecrets');
    const denied = /you are not allowed to list sealedsecrets\.bitnami\.com in all namespaces/;
    const refused = await cluster.run(['usage']);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, denied);
    const folder = temporaryFolder();
    const file = folder.write('a.json', JSON.stringify(testObject('a/b', newest, 'hint')));
    const { code, stdout, stderr } = await cluster.run(['usage', file]);
    assert.equal(code, 0);
    assert.deepEqual(tableIn(stdout, 'OBJECT'), [['a/b', '-', 'key-2: claimed', file]]);
    assert.match(stderr, denied);
  });

  test('names a malformed object, and a file that does not parse', async () => {
    cluster.sealed = [
      {
        metadata: { name: 'x', namespace: 'y', uid: 'u', resourceVersion: '1' },
        spec: { encryptedData: [] },
      },
    ];
    const { code, stderr } = await cluster.run(['usage']);
    assert.equal(code, 0);
    assert.match(stderr, /^warning: malformed: SealedSecret y\/x: spec\.encryptedData/);
    const folder = temporaryFolder();
    folder.write('bad.yaml', 'kind: SealedSecret\nmetadata: {');
    const failed = await cluster.run(['usage', folder.path]);
    assert.deepEqual([failed.code, failed.stdout], [1, '']);
    assert.match(failed.stderr, /^error: .*bad\.yaml/m);
  });
});
