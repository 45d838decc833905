import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { podAddress } from '../control-plane/network.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { itemsOf } from '../support/cluster.ts';
import { Fixture } from '../support/fixture.ts';
import { commandsUnder } from '../support/guide.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Repository } from './repository.ts';

const PASSWORD = 'pass/word-canary';
const TOKEN = 'api-token-canary';
const ITEMS = { password: PASSWORD, DATABASE_URL: `postgres://shop:${encodeURIComponent(PASSWORD)}@db/shop` };

const SEAL = commandsUnder('examples/helm-chart/README.md', 'Seal an item for the values').join('');
const SCOPE = commandsUnder('examples/helm-chart/README.md', 'Names and scope').join('');
const FILES = commandsUnder('examples/helm-chart/README.md', 'Whole SealedSecrets in the chart').join('');

const shell = new CheckoutShell();
const repository = new Repository(shell, 'helm-chart');
const fixture = new Fixture({
  namespace: 'helm',
  prepare: async () => {
    await shell.open(fixture.plane.kubeconfig);
    await repository.create();
    for (const [file, value] of Object.entries({ 'db-password': PASSWORD, 'api-token': TOKEN })) {
      noteSecret(value);
      shell.write(file, value);
    }
  },
});

async function items(name: string): Promise<object> {
  return itemsOf(await fixture.cluster.get('secrets', { namespace: 'shop', name }));
}

suite('the example of a Helm chart', { skip: podAddress() === null && 'no address but loopback' }, () => {
  before(() => repository.follow(SEAL));

  test('has a sealed item in its values, and a template of the controller', async () => {
    assert.deepEqual(await items('shop-credentials'), ITEMS);
    const values = await repository.follow('cat values-prod.yaml');
    assert.doesNotMatch(values, /canary/);
  });

  test('installs a second release in the namespace with a namespace-wide item', async () => {
    await repository.follow(SCOPE);
    assert.deepEqual(await items('blue-credentials'), ITEMS);
  });

  test('is not unsealed under another name with a strict item', async () => {
    const flags = '--namespace shop --values values-prod.yaml --set credentials.name=other';
    await repository.follow(`helm upgrade --install other ./shop ${flags}`);
    const { reason } = await fixture.cluster.told({ namespace: 'shop', name: 'other' }, 'False');
    assert.equal(reason, 'NoKey');
  });

  test('says what is missing without the item', async () => {
    const ran = await repository.run('helm template shop ./shop --namespace shop');
    assert.notEqual(ran.code, 0);
    assert.match(ran.stderr, /credentials\.items\.password is missing: seal it with kubeseal --raw/);
  });

  test('holds whole SealedSecrets, which the commands of kubeseal work on', async () => {
    await repository.follow(FILES);
    assert.deepEqual(await items('api'), { token: TOKEN });
  });

  test('keeps a SealedSecret with the annotation after an uninstall, and deletes the others', async () => {
    const annotate = 'kubectl annotate --local -f shop/files/api.yaml helm.sh/resource-policy=keep -o yaml';
    await repository.follow(`${annotate} > api.yaml && mv api.yaml shop/files/api.yaml`);
    await repository.follow('helm upgrade shop ./shop --namespace shop --values values-prod.yaml');
    await repository.follow('helm uninstall shop --namespace shop');
    const named = async (name: string): Promise<unknown> =>
      fixture.cluster.get('sealedsecrets', { namespace: 'shop', name });
    assert.notEqual(await named('api'), undefined);
    assert.equal(await named('shop-credentials'), undefined);
  });
});
