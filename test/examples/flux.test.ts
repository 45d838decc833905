import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { at, listAt } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { Cluster, itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { runDeployment } from '../support/deployed-pod.ts';
import { commandsUnder } from '../support/guide.ts';
import { Installation } from '../support/installation.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Flux } from './flux.ts';
import { judge } from './judge.ts';
import { publishedCrds } from './published.ts';
import { Repository } from './repository.ts';

const PASSWORD = 'db-password-canary';
const DB = { namespace: 'shop', name: 'db' };

const INSTALL = commandsUnder('examples/flux/README.md', 'Install').join('');
const SEAL = commandsUnder('examples/flux/README.md', 'Seal').join('');
const LOOK = commandsUnder('examples/flux/README.md', 'When it is not Ready').join('');

const shell = new CheckoutShell();
const repository = new Repository(shell, 'flux');
const stop = new AbortController();
let installation: Installation;
let controller: ControllerProcess | undefined;
let flux: Flux;

before(async () => {
  installation = await Installation.start({ install: 'later' });
  const { plane } = installation;
  await shell.open(plane.kubeconfig);
  await repository.create();
  noteSecret(PASSWORD);
  shell.write('db-password', PASSWORD);
  for (const tool of ['kustomize-controller', 'helm-controller', 'source-controller'] as const)
    await plane.apply(await publishedCrds(tool));
  // What `flux bootstrap` creates.
  const metadata = { name: 'flux-system', namespace: 'flux-system' };
  const spec = { interval: '1m', url: 'https://git.example.com/platform/gitops.git' };
  const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata, spec };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } };
  for (const object of [namespace, source]) await plane.apply(JSON.stringify(object));
  flux = new Flux(plane, repository);
  flux.run(stop.signal).catch(() => undefined);
});
after(async () => {
  // What still runs ends with the API server.
  stop.abort();
  await controller?.stop('SIGKILL');
  await installation.stop();
});

/** Waits until the Kustomization `shop` has this Ready condition. Returns the message. */
async function ready(status: 'True' | 'False', message: RegExp): Promise<void> {
  const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/shop';
  await until(`Ready ${status}: ${String(message)}`, async () => {
    const { body } = await installation.plane.request('GET', path);
    const [condition] = listAt(body, 'status', 'conditions');
    const fits = at(condition, 'status') === status && message.test(String(at(condition, 'message')));
    return fits ? true : undefined;
  });
}

function timesReady(): number {
  return flux.applied.filter((each) => each === 'Ready/shop').length;
}

suite('the example for Flux', { skip: podAddress() === null && 'no address but loopback' }, () => {
  test('installs the controller, and applies nothing before it runs', async () => {
    const starts = async (): Promise<ControllerProcess> => {
      await ready('False', /dependency 'infrastructure' is not ready/);
      return runDeployment(installation);
    };
    const [, started] = await Promise.all([repository.follow(INSTALL), starts()]);
    controller = started;
    assert.ok(!flux.applied.some((each) => each.startsWith('Namespace/shop')), 'shop waits');
    await ready('False', /db\.yaml/);
  });

  test('seals without the value in the repository, and is Ready when the Secret exists', async () => {
    const shown = await repository.follow(SEAL);
    assert.match(shown, /^db +Opaque +1 /m);
    const cluster = new Cluster(installation.plane);
    assert.deepEqual(itemsOf(await cluster.get('secrets', DB)), { password: PASSWORD });
    const positions = ['HelmRelease/sealed-secrets', 'SealedSecret/db'].map((each) =>
      flux.applied.indexOf(each),
    );
    assert.ok((positions[0] ?? -1) >= 0 && (positions[0] ?? 0) < (positions[1] ?? 0), flux.applied.join());
    const leaked = await repository.run(`git log -p --all | grep '${PASSWORD}'`);
    assert.equal(leaked.stdout, '');
  });

  test('fails with a SealedSecret that does not unseal, and says where to look', async () => {
    await repository.follow("sed -i 's,name: db,name: database,' shop/db.yaml cluster.yaml");
    await repository.follow('git commit -qam "Rename" && git push -q && kubectl apply -f cluster.yaml');
    await ready('False', /SealedSecret\/database status: 'Failed'/);
    const shown = await repository.follow(LOOK);
    assert.match(shown, /^database +no key could decrypt secret \(password\).* False /m);
  });

  test('is not Ready while no controller has seen the SealedSecret', async () => {
    await repository.follow('git revert --no-edit HEAD && git push -q && kubectl apply -f cluster.yaml');
    await ready('True', /applied/);
    await controller?.stop();
    const cluster = new Cluster(installation.plane);
    // The Secret too, as the garbage collector does, which does not run here.
    for (const plural of ['sealedsecrets', 'secrets'] as const) await cluster.delete(plural, DB);
    const readyBefore = timesReady();
    await repository.follow('git commit -q --allow-empty -m Again && git push -q');
    const unseen = await until('the SealedSecret', async () => cluster.get('sealedsecrets', DB));
    const [verdict] = await judge(unseen);
    assert.deepEqual([verdict?.kstatus, verdict?.argo], ['InProgress', 'Progressing']);
    assert.equal(timesReady(), readyBefore);
    controller = await installation.startBareController();
    await until('a Kustomization that is Ready again', () => (timesReady() > readyBefore ? true : undefined));
  });
});
