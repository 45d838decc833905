import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { CONTROLLER_NAME, RELEASE } from '../../build/helm.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { Cluster } from '../support/cluster.ts';
import { commandsUnder, linesOf } from '../support/guide.ts';
import { helmDoes } from '../support/helm.ts';
import { kubectl } from '../support/kubectl.ts';
import { keySecret } from '../support/key-secret.ts';
import { until } from '../control-plane/until.ts';

/**
 * Runs the commands that the guides print, with the real helm and the real kubectl. No kubelet and no deployment
 * controller runs here: once the API server has accepted the Deployment, the test writes its status.
 */

const { name: release, namespace } = RELEASE;
const INSTALL = [
  ...['install', release, '-n', namespace],
  ...['--set-string', `fullnameOverride=${CONTROLLER_NAME}`, './helm/sealed-secrets'],
];
const DEPLOYMENT = `/apis/apps/v1/namespaces/${namespace}/deployments/${CONTROLLER_NAME}`;
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com';

const shell = new CheckoutShell();
let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane();
  await shell.open(plane.kubeconfig);
  await until('the namespace', async () => {
    const { status } = await plane.request('GET', `/api/v1/namespaces/${namespace}`);
    return status === 200 ? true : undefined;
  });
});
after(() => plane.stop());

/** Runs commands of the guides, which succeed. Returns their output. */
async function follow(commands: readonly string[]): Promise<string> {
  const ran = await shell.run(commands.join('\n'));
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout;
}

async function status(path: string): Promise<number> {
  return (await plane.request('GET', path)).status;
}

suite('the release of the guides', () => {
  test('is installed, and its Deployment becomes Available', async () => {
    const notes = await helmDoes(INSTALL, plane.kubeconfig);
    assert.match(notes, /^STATUS: deployed$/m);
    assert.match(notes, /helm show crds CHART \| kubectl apply --server-side --force-conflicts -f -$/m);
    assert.doesNotMatch(notes, /--controller-name/);
    assert.doesNotMatch(notes, /WARNING(?!: the image is \S+, without a registry)/);
    const { body: deployment } = await plane.request('GET', DEPLOYMENT);
    assert.deepEqual(at(deployment, 'spec', 'selector', 'matchLabels'), {
      'app.kubernetes.io/name': 'sealed-secrets',
      'app.kubernetes.io/instance': release,
    });
    assert.equal(await status(CRD), 200);

    const context = plane.kubeconfigFor(plane.adminToken, { namespace });
    const waited = kubectl(context, 'wait', '--for=condition=Available', `deployment/${CONTROLLER_NAME}`);
    const available = { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' };
    await plane.request(
      'PATCH',
      `${DEPLOYMENT}/status`,
      { status: { observedGeneration: at(deployment, 'metadata', 'generation'), conditions: [available] } },
      'application/merge-patch+json',
    );
    assert.match(await waited, /condition met/);
  });

  test('lists the objects that it has created, and no others', async () => {
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

  test('is upgraded in place, and keeps keys and SealedSecrets when it is uninstalled', async () => {
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

    await follow(commandsUnder('docs/install.md', 'The chart'));
    const { body: deployment } = await plane.request('GET', DEPLOYMENT);
    assert.equal(stringAt(deployment, 'metadata', 'uid'), before);
    assert.equal(at(deployment, 'spec', 'replicas'), 3);

    // Helm never updates an existing CRD.
    const crds = await follow(commandsUnder('docs/install.md', 'Updating'));
    assert.match(crds, /sealedsecrets\.bitnami\.com serverside-applied/);

    await helmDoes(['uninstall', '-n', namespace, release], plane.kubeconfig);
    assert.equal(await status(DEPLOYMENT), 404);
    assert.equal(await status(CRD), 200);
    assert.ok(await cluster.get('secrets', { namespace, name: 'sealed-secrets-keyabc' }));
    assert.ok(await cluster.get('sealedsecrets', { namespace: 'default', name: 'db' }));
  });
});

suite('the results of lookups in the cluster', () => {
  const [, , , ...named] = INSTALL;
  const install = (command: string, ...set: readonly string[]): Promise<string> =>
    helmDoes(
      [command, 'looking', '-n', namespace, ...named.slice(1), ...set.flatMap((value) => ['--set', value])],
      plane.kubeconfig,
    );

  test('are the addresses of the API server, the only ones that the pod may connect to', async () => {
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'kubernetes', namespace: 'default' },
      subsets: [
        {
          addresses: [{ ip: '10.9.8.7' }, { ip: '10.9.8.6' }],
          ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
        },
      ],
    };
    await plane.apply(JSON.stringify(endpoints));
    await install('install', 'networkPolicy.enabled=true', 'networkPolicy.egress.enabled=true');
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${CONTROLLER_NAME}`;
    const { body } = await plane.request('GET', path);
    const cidrs = listAt(body, 'spec', 'egress', 0, 'to').map((each) => stringAt(each, 'ipBlock', 'cidr'));
    assert.deepEqual(cidrs.sort(), ['10.9.8.6/32', '10.9.8.7/32']);
    assert.deepEqual(at(body, 'spec', 'egress', 0, 'ports'), [{ protocol: 'TCP', port: 6443 }]);
  });

  test("include the Ingress' own certificate, which upgrades keep", async () => {
    const tls = ['ingress.enabled=true', 'ingress.tls=true', 'ingress.selfSigned=true'];
    const ref = { namespace, name: 'sealed-secrets.local-tls' };
    await install('upgrade', ...tls);
    const made = at(await new Cluster(plane).get('secrets', ref), 'data');
    const pem = (item: string): Buffer => Buffer.from(stringAt(made, item), 'base64');
    const certificate = new X509Certificate(pem('tls.crt'));
    assert.equal(certificate.checkHost('sealed-secrets.local'), 'sealed-secrets.local');
    assert.ok(certificate.checkPrivateKey(createPrivateKey(pem('tls.key'))));

    await install('upgrade', ...tls, 'logFormat=json');
    assert.deepEqual(at(await new Cluster(plane).get('secrets', ref), 'data'), made);
  });
});

suite('the plain manifests', () => {
  test('are installed by the command of docs/install.md, and replace those of the reference', async () => {
    await helmDoes(['uninstall', '-n', namespace, 'looking'], plane.kubeconfig);
    // .ci/run runs the first command, which builds what every test of this level has.
    const [build, ...install] = linesOf(commandsUnder('docs/install.md', 'Plain manifests'));
    assert.equal(build, 'npm run build:manifests');
    await follow(install);
    assert.equal(await status(DEPLOYMENT), 200);

    const replaced = await follow(commandsUnder('docs/migrating.md', 'Plain manifests'));
    assert.match(replaced, /deployment\.apps\/sealed-secrets-controller serverside-applied/);
  });
});
