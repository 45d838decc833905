import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { kubeseal, type Ran } from '../../support/run.ts';
import { KeyCluster, NAMESPACE, testKey, testObject } from '../key-cluster.ts';
import { treeOf } from '../tree.ts';

const key = await testKey('key-1', 'active', 3);
const prod = new KeyCluster();
const staging = new KeyCluster();

const CONFIG = `
clusters:
  prod: { context: admin@prod, controllerNamespace: ${NAMESPACE}, paths: [overlays/prod/] }
  staging: { context: admin@staging, controllerNamespace: elsewhere, paths: [overlays/staging/] }
`;
const USING_PROD = '(prod: using the context admin@prod, as .kubeseal.yaml says)\n';

beforeEach(() => {
  prod.reset(key);
  staging.reset();
});

/** Runs `kubeseal keys ARGS` in a repository with two clusters. */
function keys(args: string, folder = '.'): Promise<Ran> {
  const repository = treeOf({
    '.git/HEAD': '',
    '.kubeseal.yaml': CONFIG,
    'kubeconfig.json': kubeconfig(),
    'overlays/prod/db.json': JSON.stringify(testObject('shop/db', key, 'hint')),
    'overlays/staging/db.json': JSON.stringify(testObject('shop/db', key, 'hint')),
  });
  const env = { KUBECONFIG: `${repository}/kubeconfig.json` };
  return kubeseal(['keys', ...args.split(' ')], { cwd: `${repository}/${folder}`, env });
}

/** A kubeconfig whose current context leads nowhere. */
function kubeconfig(): string {
  const servers = { 'admin@prod': prod.url, 'admin@staging': staging.url, nowhere: 'http://127.0.0.1:1' };
  return JSON.stringify({
    'current-context': 'nowhere',
    clusters: Object.entries(servers).map(([name, server]) => ({ name, cluster: { server } })),
    contexts: Object.keys(servers).map((name) => ({ name, context: { cluster: name, user: 'u' } })),
    users: [{ name: 'u', user: {} }],
  });
}

suite('kubeseal keys in a repository with .kubeseal.yaml', () => {
  test('looks at the cluster of the working folder', async () => {
    const { code, stdout, stderr } = await keys('list', 'overlays/prod');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^key-1 /m);
    assert.ok(stderr.startsWith(USING_PROD.replace('.kubeseal', '../../.kubeseal')), stderr);
  });

  test('looks at the cluster of the files', async () => {
    const { code, stdout, stderr } = await keys('usage overlays/prod');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^shop\/db .* key-1: /m);
    assert.ok(stderr.startsWith(USING_PROD), stderr);
  });

  test('changes a key in the cluster of the working folder alone', async () => {
    prod.reset(await testKey('key-2', 'active', 1), key);
    const { code, stderr } = await keys('retire key-1', 'overlays/prod');
    assert.equal(code, 0, stderr);
    assert.equal(prod.labelOf('key-1'), 'retired');
    assert.deepEqual(staging.writes, []);
  });

  test('refuses files of different clusters', async () => {
    const { code, stderr } = await keys('usage overlays/prod overlays/staging');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: the files belong to different clusters of \.kubeseal\.yaml: .* --context$/m,
    );
  });

  test('prefers the namespace of the command line', async () => {
    const { code, stderr } = await keys(`list --controller-namespace ${NAMESPACE}`, 'overlays/staging');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^no sealing keys in the namespace keys-here$/m);
  });

  test('prefers the context of the command line, with no word of a cluster', async () => {
    const args = `list --context admin@staging --controller-namespace ${NAMESPACE}`;
    const { code, stderr } = await keys(args, 'overlays/prod');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^no sealing keys in the namespace keys-here$/m);
    assert.doesNotMatch(stderr, /(prod|staging):/);
  });

  test('compares a backup with the cluster only where it is asked to', async () => {
    const { stderr } = await keys('verify-backup missing.yaml', 'overlays/prod');
    assert.doesNotMatch(stderr, /prod:/);
  });
});
