import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { dump, load } from 'js-yaml';
import { CHART, RELEASE } from '../../build/helm.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { Cluster, uidOf } from '../support/cluster.ts';
import { helmDoes, objectsIn, only } from '../support/helm.ts';
import { Installation, NAME, NAMESPACE } from '../support/installation.ts';
import { ACTIVE, keySecret } from '../support/key-secret.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { commandsUnder, linesOf } from '../support/guide.ts';
import { PACKAGE } from '../support/package.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../control-plane/until.ts';
import { CASES, certificatePem, keyPem } from '../support/vectors.ts';

/**
 * Migrates in place from the reference's release to this chart, and back. The reference's objects are those of
 * `theirs/`; its keys and SealedSecrets were made by the reference itself, and its Secrets are the ones that it
 * unsealed.
 */

const THEIR_VALUES = join(PACKAGE, 'test', 'chart', 'values', 'reference.yaml');
const THEIRS = temporaryFolder().path;
cpSync(join(PACKAGE, 'test', 'chart', 'theirs'), THEIRS, { recursive: true });
copyFileSync(THEIR_VALUES, join(THEIRS, 'values.yaml'));
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${NAME}`;
const KEY = { namespace: NAMESPACE, name: 'sealed-secrets-keyth31r' };

const chosen = CASES.filter(({ name }) =>
  ['strict', 'tls', 'cluster-wide-moved', 'name-override'].includes(name),
);
const places = chosen.map(({ sealedSecret }) => ({
  namespace: stringAt(sealedSecret, 'metadata', 'namespace'),
  name: stringAt(sealedSecret, 'metadata', 'name'),
}));

const shell = new CheckoutShell();
let installation: Installation;
let cluster: Cluster;

before(async () => {
  installation = await Installation.start({
    install: async (plane) => {
      await plane.apply(readFileSync(join(PACKAGE, 'crds', 'sealedsecrets.bitnami.com.yaml'), 'utf8'));
      const values = ['--values', THEIR_VALUES];
      await helmDoes(['install', RELEASE.name, THEIRS, '-n', NAMESPACE, ...values], plane.kubeconfig);
      await shell.open(plane.kubeconfig);
    },
  });
  cluster = new Cluster(installation.plane);
  await cluster.create('secrets', theirKey('a4096', KEY.name));
  await cluster.create('secrets', theirKey('b4096', `${KEY.name}b`));
  for (const { namespace } of places) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await installation.plane.apply(JSON.stringify(object));
  }
  for (const { sealedSecret, recovered = {} } of chosen) await unsealedByThem(sealedSecret, recovered);
});
after(() => installation.stop());

function theirKey(key: string, name: string): object {
  const items = { 'tls.crt': certificatePem(key), 'tls.key': keyPem(key) };
  return { ...keySecret(name, items, { labels: ACTIVE }), type: 'kubernetes.io/tls' };
}

/** Creates a SealedSecret with the reference's status, and the Secret that the reference makes of it. */
async function unsealedByThem(sealedSecret: object, recovered: object): Promise<void> {
  const made = await cluster.create('sealedsecrets', sealedSecret);
  const [namespace, name] = [stringAt(made, 'metadata', 'namespace'), stringAt(made, 'metadata', 'name')];
  const owner = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    name,
    uid: uidOf(made),
    controller: true,
  };
  const { labels, annotations } = { labels: undefined, annotations: undefined, ...metadataOf(recovered) };
  await cluster.create('secrets', {
    metadata: { namespace, name, labels, annotations, ownerReferences: [owner] },
    type: at(recovered, 'type'),
    data: at(recovered, 'data'),
  });
  const at0 = '2026-01-01T00:00:00Z';
  const condition = { type: 'Synced', status: 'True', lastTransitionTime: at0, lastUpdateTime: at0 };
  const { status } = await installation.plane.request(
    'PATCH',
    `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/${name}/status`,
    { status: { conditions: [condition], observedGeneration: at(made, 'metadata', 'generation') } },
    'application/merge-patch+json',
  );
  assert.equal(status, 200);
}

function metadataOf(object: object): object {
  const metadata = at(object, 'metadata');
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
}

/** Returns the resource versions of all Secrets except helm's own. */
async function versions(): Promise<Map<string, string>> {
  const secrets = await cluster.list('secrets');
  return new Map(
    secrets
      .filter((secret) => at(secret, 'type') !== 'helm.sh/release.v1')
      .map((secret) => [
        `${stringAt(secret, 'metadata', 'namespace')}/${stringAt(secret, 'metadata', 'name')}`,
        stringAt(secret, 'metadata', 'resourceVersion'),
      ]),
  );
}

/** Runs commands, which succeed. */
async function follow(commands: string): Promise<void> {
  const ran = await shell.run(commands);
  assert.equal(ran.code, 0, ran.stderr);
}

async function deployment(): Promise<unknown> {
  return (await installation.plane.request('GET', DEPLOYMENT)).body;
}

function containerOf(object: unknown): unknown {
  return at(object, 'spec', 'template', 'spec', 'containers', 0);
}

suite('the release of the reference', () => {
  let theirs: Map<string, string>;
  let uid: string;

  test('is upgraded with its own values, and without those that it does not know', async () => {
    const upgrade = ['upgrade', RELEASE.name, CHART, '-n', NAMESPACE, '--dry-run=server'];
    const reused = await helmDoes([...upgrade, '--reuse-values'], installation.plane.kubeconfig);
    const objects = objectsIn(/^MANIFEST:\n([^]*?)^NOTES:/m.exec(reused)?.[1] ?? '');
    const args = ['--key-prefix=sealed-secrets-key', '--key-renew-period=720h'];
    assert.deepEqual(at(containerOf(only(objects, 'Deployment')), 'args'), args);
    assert.equal(at(only(objects, 'ClusterRole'), 'metadata', 'name'), 'secrets-unsealer');
  });

  test('is replaced by this chart in place, with its values, by the commands of the guide', async () => {
    theirs = await versions();
    assert.equal(theirs.size, chosen.length + 2);
    uid = uidOf(await deployment());
    const commands = commandsUnder('docs/migrating.md', "A release of the reference's chart");
    const [save = '', ...upgrade] = linesOf(commands);
    await follow(save);
    const { image, ...values } = Object(load(shell.read('values.yaml'))) as Record<string, unknown>;
    assert.equal(at(image, 'registry'), 'docker.io');
    shell.write('values.yaml', dump(values));
    await follow(upgrade.join('\n'));

    const ours = await deployment();
    assert.equal(uidOf(ours), uid);
    assert.equal(listAt(ours, 'spec', 'template', 'spec', 'containers').length, 1);
    assert.deepEqual(at(containerOf(ours), 'command'), ['controller']);
    assert.deepEqual(await versions(), theirs);
  });

  test('keeps Secrets and keys unchanged after this controller has reconciled all', async () => {
    const args = listAt(containerOf(await deployment()), 'args').map(String);
    const controller = await installation.startBareController(args);
    try {
      // Only this controller writes a reason into the status, so it has reconciled each.
      for (const ref of places) {
        const synced = await until(`our status of ${ref.namespace}/${ref.name}`, async () => {
          const condition = at(await cluster.get('sealedsecrets', ref), 'status', 'conditions', 0);
          return at(condition, 'reason') === undefined ? undefined : condition;
        });
        assert.deepEqual([at(synced, 'status'), at(synced, 'reason')], ['True', 'Unsealed']);
      }
      const now = await versions();
      for (const [name, version] of theirs) assert.equal(now.get(name), version, name);
    } finally {
      await controller.stop();
    }
  });

  test('can be reinstalled, and finds its keys and Secrets unchanged', async () => {
    await helmDoes(['rollback', RELEASE.name, '1', '-n', NAMESPACE], installation.plane.kubeconfig);
    const back = await deployment();
    assert.equal(uidOf(back), uid);
    assert.deepEqual(at(containerOf(back), 'image'), 'registry.invalid/theirs:0.0.0');
    const now = await versions();
    for (const [name, version] of theirs) assert.equal(now.get(name), version, name);
    // The reference identifies its Secrets by the owner, and reads its status from the first condition.
    for (const ref of places) {
      const sealed = await cluster.get('sealedsecrets', ref);
      assert.equal(at(sealed, 'status', 'conditions', 0, 'type'), 'Synced');
      const secret = await cluster.get('secrets', ref);
      assert.equal(at(secret, 'metadata', 'ownerReferences', 0, 'uid'), uidOf(sealed));
    }
  });
});
