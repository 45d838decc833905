import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { keyItems, keySecret, keySecrets } from '../support/key-secret.ts';
import { DAY } from '../support/keys.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/** The reference's namespaced roles only let the controller list and create Secrets in its own namespace. */
const setup = new Setup();

suite('a controller that is not allowed to watch key Secrets', () => {
  test('lists them every minute, and logs that once', async () => {
    const rules = [
      { apiGroups: ['bitnami.com'], resources: ['sealedsecrets'], verbs: ['get', 'list', 'watch'] },
    ];
    const { status } = await setup.plane.request(
      'PATCH',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/secrets-unsealer',
      { rules },
      'application/merge-patch+json',
    );
    assert.equal(status, 200);
    await rightsInForce(setup.plane);

    const controller = await setup.use(setup.installation.startBareController());
    await controller.logged('sealing keys loaded');
    assert.equal((await keySecrets(setup.cluster)).length, 1);
    const told = (): number =>
      controller.log.filter(({ message }) => message.startsWith('not allowed to watch secrets')).length;
    // The message is the same for the active keys and for the key of the oldest releases.
    await until('the notice', () => (told() > 0 ? true : undefined));

    const made = await controller.certificate();
    const items = await keyItems({ notBefore: new Date(Date.now() - DAY), validity: 100 * DAY });
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keyb', items));
    await until(
      'the key that was brought',
      () => controller.log.find(({ message }) => message === 'sealing key added'),
      240_000,
    );
    assert.equal((await controller.certificate()).pem, made.pem);
    assert.equal(told(), 1);
    assert.equal(await controller.stop(), 0);
  });
});
