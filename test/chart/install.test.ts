import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { CONTROLLER_NAME, RELEASE } from '../../build/helm.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { Cluster } from '../support/cluster.ts';
import { helmDoes } from '../support/helm.ts';
import { keySecret } from '../support/key-secret.ts';
import { kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

/**
 * The lines that guides print, with the real helm and the real kubectl. No kubelet and no deployment controller run
 * here: the test says in the Deployment's status what they would say, once the API server has accepted it.
 */

const { name: release, namespace } = RELEASE;
const INSTALL = [
  ...['install', release, '-n', namespace],
  ...['--set-string', `fullnameOverride=${CONTROLLER_NAME}`, './helm/sealed-secrets'],
];
const DEPLOYMENT = `/apis/apps/v1/namespaces/${namespace}/deployments/${CONTROLLER_NAME}`;
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com';

let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane();
  await until('the namespace', async () => {
    const { status } = await plane.request('GET', `/api/v1/namespaces/${namespace}`);
    return status === 200 ? true : undefined;
  });
});
after(() => plane.stop());

async function status(path: string): Promise<number> {
  return (await plane.request('GET', path)).status;
}

suite('the release of the guides', () => {
  test('is installed, and waited for until the Deployment is Available', async () => {
    const notes = await helmDoes(INSTALL, plane.kubeconfig);
    assert.match(notes, /^STATUS: deployed$/m);
    const { body: deployment } = await plane.request('GET', DEPLOYMENT);
    assert.deepEqual(at(deployment, 'spec', 'selector', 'matchLabels'), {
      'app.kubernetes.io/name': 'sealed-secrets',
      'app.kubernetes.io/instance': release,
    });
    assert.equal(await status(CRD), 200);

    const waited = kubectl(
      plane.kubeconfig,
      ...['wait', '-n', namespace, '--for=condition=Available', `deployment/${CONTROLLER_NAME}`],
    );
    const available = { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' };
    await plane.request(
      'PATCH',
      `${DEPLOYMENT}/status`,
      { status: { observedGeneration: at(deployment, 'metadata', 'generation'), conditions: [available] } },
      'application/merge-patch+json',
    );
    assert.match(await waited, /condition met/);
  });

  test('has what it made in its own list, and nothing else', async () => {
    const listed = await helmDoes(['get', 'manifest', '-n', namespace, release], plane.kubeconfig);
    const kinds = [...listed.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    assert.deepEqual(
      kinds.sort(),
      [
        ...['ClusterRole', 'ClusterRoleBinding', 'Deployment', 'Role', 'Role', 'RoleBinding', 'RoleBinding'],
        ...['Service', 'Service', 'ServiceAccount'],
      ].sort(),
    );
  });

  test('is upgraded in place, and leaves keys and SealedSecrets when it goes', async () => {
    const cluster = new Cluster(plane);
    await cluster.create('secrets', keySecret('sealed-secrets-keyabc', { 'tls.crt': 'x', 'tls.key': 'y' }));
    const sealed = {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'default' },
      spec: { encryptedData: { a: 'AAAA' } },
    };
    await cluster.create('sealedsecrets', sealed);
    const before = stringAt((await plane.request('GET', DEPLOYMENT)).body, 'metadata', 'uid');

    const upgrade = ['upgrade', ...INSTALL.slice(1), '--set', 'logFormat=json'];
    await helmDoes(upgrade, plane.kubeconfig);
    const { body: deployment } = await plane.request('GET', DEPLOYMENT);
    assert.equal(stringAt(deployment, 'metadata', 'uid'), before);
    const args = listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'args');
    assert.ok(args.includes('--log-format=json'), args.join(' '));

    await helmDoes(['uninstall', '-n', namespace, release], plane.kubeconfig);
    assert.equal(await status(DEPLOYMENT), 404);
    assert.equal(await status(CRD), 200);
    assert.ok(await cluster.get('secrets', { namespace, name: 'sealed-secrets-keyabc' }));
    assert.ok(await cluster.get('sealedsecrets', { namespace: 'default', name: 'db' }));
  });
});
