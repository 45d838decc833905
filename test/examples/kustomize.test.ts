import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { podAddress } from '../control-plane/network.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { itemsOf } from '../support/cluster.ts';
import { Fixture } from '../support/fixture.ts';
import { commandsUnder } from '../support/guide.ts';
import { objectsIn, only } from '../support/helm.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Repository } from './repository.ts';

const PASSWORD = 'db-password-canary';
const BUILD = commandsUnder('examples/kustomize/README.md', 'Seal and build').join('');
const LINT = commandsUnder('docs/gitops.md', 'Kustomize').join('');
const FINAL_NAME = commandsUnder('examples/kustomize/README.md', 'What works').join('');

const shell = new CheckoutShell();
const repository = new Repository(shell, 'kustomize');
const fixture = new Fixture({
  namespace: 'kustomize',
  prepare: async () => {
    await shell.open(fixture.plane.kubeconfig);
    await repository.create();
    noteSecret(PASSWORD);
    shell.write('db-password', PASSWORD);
  },
});

async function items(name: string): Promise<object> {
  return itemsOf(await fixture.cluster.get('secrets', { namespace: 'shop', name }));
}

suite('the example for Kustomize', { skip: podAddress() === null && 'no address but loopback' }, () => {
  before(() => repository.follow(BUILD));

  async function deployment(overlay = 'staging'): Promise<object> {
    return only(objectsIn(await repository.follow(`kubectl kustomize ${overlay}`)), 'Deployment');
  }

  /** Returns the names of the Secrets that the Deployment asks for. */
  async function requested(overlay: string): Promise<readonly unknown[]> {
    const pod = at(await deployment(overlay), 'spec', 'template', 'spec');
    const container = at(pod, 'containers', 0);
    return [
      at(container, 'envFrom', 0, 'secretRef', 'name'),
      at(container, 'env', 0, 'valueFrom', 'secretKeyRef', 'name'),
      at(pod, 'volumes', 0, 'secret', 'secretName'),
    ];
  }

  test('unseals under the name of the overlay, which the workload asks for', async () => {
    assert.deepEqual(await items('staging-db'), { password: PASSWORD });
    assert.deepEqual(await requested('staging'), ['staging-db', 'staging-db', 'staging-db']);
  });

  test('passes the checks of the guide', async () => {
    assert.equal(await repository.follow(LINT), '');
  });

  test('replaces the Pods when the item is sealed again', async () => {
    const annotation = ['spec', 'template', 'metadata', 'annotations', 'sealed-password'] as const;
    const first = stringAt(await deployment(), ...annotation);
    await repository.follow('printf another | kubeseal set base/db.yaml password --value-stdin');
    assert.notEqual(stringAt(await deployment(), ...annotation), first);
  });

  test('unseals a cluster-wide item in another namespace, under the name that the workload asks for', async () => {
    await repository.follow(`kubectl create namespace other || true
mkdir -p wide/any && cp -r base sealed-secrets wide && cd wide && rm base/db.yaml
kubeseal create generic db --namespace shop --scope cluster-wide --from-literal password=${PASSWORD} -w base/db.yaml
printf 'resources: [../base]\nnamePrefix: any-\nnamespace: other\n' > any/kustomization.yaml
kubectl apply -k any
kubectl wait --namespace other --for=condition=Synced --timeout=1m sealedsecret/any-db`);
    const secret = await fixture.cluster.get('secrets', { namespace: 'other', name: 'any-db' });
    assert.deepEqual(itemsOf(secret), { password: PASSWORD });
    assert.deepEqual(await requested('wide/any'), ['any-db', 'any-db', 'any-db']);
  });

  test('seals what Kustomize has built for its final name', async () => {
    await repository.follow(FINAL_NAME);
    assert.deepEqual(await items('qa-db'), { password: PASSWORD });
  });

  for (const [scope, transformation, name, synced] of [
    ['strict', 'namePrefix: a-', 'a-one', 'False'],
    ['strict', 'namespace: shop', 'one', 'True'],
    ['strict', 'namespace: other', 'one', 'False'],
    ['strict', 'commonAnnotations: {a: b}', 'one', 'True'],
    ['namespace-wide', 'namePrefix: b-', 'b-one', 'True'],
    ['namespace-wide', 'namespace: other', 'one', 'False'],
    ['cluster-wide', 'namePrefix: c-', 'c-one', 'True'],
    ['cluster-wide', 'namespace: other', 'one', 'True'],
  ] as const) {
    test(`${synced === 'True' ? 'works' : 'does not work'} with ${transformation} and ${scope} items`, async () => {
      const flags = `--namespace shop --scope ${scope} --from-literal a=b`;
      await repository.follow(`kubectl create namespace other || true
cd "$(mktemp -d -p ~)"
kubeseal create generic one ${flags} -w one.yaml
printf 'resources: [one.yaml]\\n${transformation}\\n' > kustomization.yaml
kubectl delete sealedsecrets,secrets --all -n other
kubectl delete sealedsecret,secret one -n shop --ignore-not-found
kubectl apply -k .`);
      const namespace = transformation.startsWith('namespace: ') ? transformation.slice(11) : 'shop';
      await fixture.cluster.told({ namespace, name }, synced);
    });
  }
});
