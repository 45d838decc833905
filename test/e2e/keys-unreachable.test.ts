import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { ask } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { installed } from '../support/installation.ts';
import { deleteKeys, keyItems, keySecret, keySecrets } from '../support/key-secret.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/**
 * A key that is created although one exists splits values from the key that opens them. A missing answer must never
 * count as "there is no key".
 */
const setup = new Setup();

beforeEach(() => deleteKeys(setup.cluster));
afterEach(allRights);

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** Limits the controller's rights to Secrets to these verbs; all its other rights stay. */
async function limitTo(verbs: readonly string[]): Promise<void> {
  const core = { apiGroups: [''], resources: ['secrets'], verbs };
  const sealed = {
    apiGroups: ['bitnami.com'],
    resources: ['sealedsecrets'],
    verbs: ['get', 'list', 'watch'],
  };
  const change = async (path: string, rules: readonly object[]): Promise<void> => {
    const { status } = await setup.plane.request(
      'PATCH',
      RBAC + path,
      { rules },
      'application/merge-patch+json',
    );
    assert.equal(status, 200);
  };
  await change('/clusterroles/secrets-unsealer', [...(verbs.length > 0 ? [core] : []), sealed]);
  await change('/namespaces/kube-system/roles/sealed-secrets-key-admin', []);
  await rightsInForce(setup.plane);
}

async function allRights(): Promise<void> {
  await setup.plane.apply(await installed());
}

async function answer(
  controller: ControllerProcess,
  path: string,
): Promise<{ status: number; text: string }> {
  const { status, body } = await ask('GET', `${await controller.url()}${path}`);
  return { status, text: body };
}

/** Waits until the controller has failed to load its keys twice, and checks its behaviour meanwhile. */
async function waitsForKeys(controller: ControllerProcess, failure: RegExp): Promise<void> {
  const tries = await until('two attempts to have the keys', () => {
    const lines = controller.log.filter(
      ({ message }) => message === 'sealing keys are not available yet; retrying',
    );
    return lines.length >= 2 ? lines : undefined;
  });
  assert.match(tries[0]?.failure ?? '', failure);
  assert.deepEqual(await answer(controller, '/healthz'), { status: 200, text: 'ok\n' });
  assert.deepEqual(await answer(controller, '/v1/cert.pem'), {
    status: 503,
    text: 'there is no sealing key yet\n',
  });
}

suite('no key is generated or used', () => {
  const rights: [string, string[], RegExp][] = [
    ['while Secrets may not be listed', ['get', 'create'], /refused to list secrets: 403 Forbidden$/],
    [
      'while the key of the oldest releases may not be read',
      ['list', 'create'],
      /refused to get Secret kube-system\/sealed-secrets-key: 403 Forbidden: RBAC does not allow the controller to get Secrets here$/,
    ],
    [
      'while no Secret may be made',
      ['get', 'list'],
      /refused to create Secret kube-system\/sealed-secrets-key\w{5}: 403 Forbidden: RBAC does not allow the controller to create Secrets here$/,
    ],
    ['while nothing at all is allowed', [], /refused to list secrets: 403 Forbidden$/],
  ];
  for (const [when, verbs, failure] of rights) {
    test(`${when}; the controller recovers once that is allowed`, async () => {
      await limitTo(verbs);
      const controller = await setup.use(setup.installation.startBareController());
      await waitsForKeys(controller, failure);
      assert.deepEqual(await keySecrets(setup.cluster), []);

      await allRights();
      await controller.logged('sealing keys loaded');
      assert.equal((await answer(controller, '/v1/cert.pem')).status, 200);
      assert.equal((await keySecrets(setup.cluster)).length, 1);
      await controller.stop();
    });
  }

  test('while the API server is down; the existing key is used once it is back', async () => {
    const items = await keyItems();
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keybbbbb', items));
    await setup.plane.stopApiServer('SIGKILL');
    const controller = await setup.use(setup.installation.startBareController());
    await waitsForKeys(controller, /^cannot reach https:\/\/127\.0\.0\.1:\d+: connection refused$/);

    await setup.plane.startApiServer();
    await controller.logged('sealing keys loaded');
    assert.equal((await answer(controller, '/v1/cert.pem')).text, items['tls.crt']);
    assert.equal((await keySecrets(setup.cluster)).length, 1);
    await controller.stop();
  });
});
