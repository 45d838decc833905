import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { at } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { Cluster, itemsOf, uidOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { reportAvailable, runDeployment } from '../support/deployed-pod.ts';
import { commandsUnder } from '../support/guide.ts';
import { Installation } from '../support/installation.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { ArgoCd } from './argo-cd.ts';
import { judge } from './judge.ts';
import { publishedCrds } from './published.ts';
import { Repository } from './repository.ts';

const TOKEN = 'registry-token-canary';
const GHCR_TOKEN = 'ghcr-token-canary';
const PASSWORD = 'db-password-canary';
const FILES = { 'registry-token': TOKEN, 'ghcr-token': GHCR_TOKEN, 'db-password': PASSWORD };
const REGISTRY = { namespace: 'argocd', name: 'registry' };
const DB = { namespace: 'shop', name: 'db' };
const WEB = '/apis/apps/v1/namespaces/shop/deployments/web';

const INSTALL = commandsUnder('examples/argocd/README.md', 'Install').join('');
const SEAL = commandsUnder('examples/argocd/README.md', 'Seal').join('');
const APPLY = commandsUnder('examples/argocd/README.md', 'Apply').join('');
const DECRYPT = commandsUnder('examples/argocd/README.md', 'Decrypt by hand').join('');

const shell = new CheckoutShell();
const repository = new Repository(shell, 'argocd');
const stop = new AbortController();
let installation: Installation;
let controller: ControllerProcess | undefined;
let argoCd: ArgoCd;

before(async () => {
  installation = await Installation.start({ install: 'later' });
  const { plane } = installation;
  await shell.open(plane.kubeconfig);
  await repository.create();
  for (const [file, value] of Object.entries(FILES)) {
    noteSecret(value);
    shell.write(file, value);
  }
  await plane.apply(await publishedCrds('argo-cd'));
  const metadata = { name: 'argocd-cm', namespace: 'argocd' };
  await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } }));
  await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }));
  argoCd = new ArgoCd(plane, repository);
  argoCd.run(stop.signal).catch(() => undefined);
});
after(async () => {
  // What still runs ends with the API server.
  stop.abort();
  await controller?.stop('SIGKILL');
  await installation.stop();
});

/** Waits until the Deployment of the example exists, and reports that its Pods run. */
async function runWeb(): Promise<void> {
  await until(
    'the Deployment',
    async () => ((await installation.plane.request('GET', WEB)).status === 200 ? true : undefined),
    300_000,
  );
  await reportAvailable(installation, 'shop', 'web');
}

async function health(application: string, wanted: RegExp): Promise<string> {
  const path = `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${application}`;
  return until(`${application} to be ${String(wanted)}`, async () => {
    const { body } = await installation.plane.request('GET', path);
    const { status, message } = Object(at(body, 'status', 'health')) as Record<string, unknown>;
    const text = `${String(status)}: ${String(message)}`;
    return wanted.test(text) ? text : undefined;
  });
}

suite('the example for Argo CD', { skip: podAddress() === null && 'no address but loopback' }, () => {
  test('installs the controller', async () => {
    const [, started] = await Promise.all([repository.follow(INSTALL), runDeployment(installation)]);
    controller = started;
    const order = [
      'CustomResourceDefinition/sealedsecrets.bitnami.com',
      'Deployment/sealed-secrets-controller',
    ];
    const positions = order.map((each) => argoCd.applied.indexOf(each));
    assert.ok((positions[0] ?? -1) >= 0 && (positions[0] ?? 0) < (positions[1] ?? 0), argoCd.applied.join());
  });

  test('seals without the values in the repository, and applies in waves', async () => {
    await repository.follow(SEAL);
    const [shown] = await Promise.all([repository.follow(APPLY), runWeb()]);
    const login = { username: 'bot', password: TOKEN, auth: Buffer.from(`bot:${TOKEN}`).toString('base64') };
    assert.ok(
      shown.endsWith(JSON.stringify({ auths: { 'registry.example.com': login } })),
      'the pull Secret',
    );

    const cluster = new Cluster(installation.plane);
    for (const namespace of ['argocd', 'shop']) {
      const secret = await cluster.get('secrets', { ...REGISTRY, namespace });
      assert.equal(at(secret, 'type'), 'kubernetes.io/dockerconfigjson');
      const [verdict] = await judge(await cluster.get('sealedsecrets', { ...REGISTRY, namespace }));
      assert.deepEqual([verdict?.argo, verdict?.kstatus], ['Healthy', 'Current']);
    }
    const ghcr = await cluster.get('secrets', { namespace: 'argocd', name: 'ghcr' });
    assert.equal(at(ghcr, 'type'), 'kubernetes.io/dockerconfigjson');
    assert.deepEqual(itemsOf(await cluster.get('secrets', DB)), { PASSWORD });
    assert.ok(argoCd.applied.indexOf('SealedSecret/db') < argoCd.applied.indexOf('Deployment/web'));
    const leaked = await repository.run(`git log -p --all | grep -E '${Object.values(FILES).join('|')}'`);
    assert.equal(leaked.stdout, '');
  });

  test('decrypts by hand with the private key', async () => {
    const shown = await repository.follow(DECRYPT);
    assert.ok(shown.includes(TOKEN) && shown.includes(GHCR_TOKEN));
    assert.match(shown, new RegExp(`PASSWORD: ${Buffer.from(PASSWORD).toString('base64')}`));
  });

  test('needs no ignoreDifferences, and keeps the Secret when the SealedSecret is replaced', async () => {
    const cluster = new Cluster(installation.plane);
    assert.equal(
      (await repository.run('kubectl kustomize shop | kubectl diff -f -')).code,
      0,
      'no difference',
    );
    const secret = await cluster.get('secrets', DB);
    await repository.follow('kubectl replace --namespace shop -f shop/db.yaml');
    await repository.follow('kubectl wait --namespace shop --for=condition=Synced sealedsecret/db');
    assert.equal(uidOf(await cluster.get('secrets', DB)), uidOf(secret));
  });

  test('shows why a SealedSecret is not unsealed, and recovers with the next commit', async () => {
    const widen =
      'kubectl annotate --local -f shop/db.yaml sealedsecrets.bitnami.com/cluster-wide=true -o yaml';
    await repository.follow(`${widen} > db.yaml && mv db.yaml shop/db.yaml`);
    await repository.follow('git commit -qam "Widen the scope" && git push -q');
    assert.match(await health('shop', /^Degraded/), /db: no key could decrypt secret \(PASSWORD\)/);
    await repository.follow('git revert --no-edit HEAD && git push -q');
    await health('shop', /^Healthy/);
  });
});
