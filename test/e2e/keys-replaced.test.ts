import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { KEPT_FROM } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { until } from '../control-plane/until.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAMESPACE } from '../support/installation.ts';
import { itemsOf, versionOf } from '../support/cluster.ts';
import { ACTIVE, keyItems, keySecret, keySecrets, nameOf } from '../support/key-secret.ts';
import { DAY } from '../support/keys.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

/** A key Secret that another program, such as cert-manager, gives a new key. */
const setup = new Setup();
const SECRET = { namespace: NAMESPACE, name: 'issued-by-cert-manager' };

/** Returns a key Secret with a key that is valid since some days. */
async function issued(days: number): Promise<{ secret: object; certificate: Certificate }> {
  const items = await keyItems({ notBefore: new Date(Date.now() - days * DAY), validity: 100 * DAY });
  return {
    secret: keySecret(SECRET.name, items, { labels: ACTIVE }),
    certificate: parseCertificate(items['tls.crt'], 'test'),
  };
}

async function start(): Promise<ControllerProcess> {
  const args = ['--key-size', '2048', '--key-generation', 'never'];
  return setup.use(setup.installation.startBareController(args));
}

/** The Secrets of kept keys. */
async function kept(): Promise<unknown[]> {
  const secrets = await setup.cluster.list('secrets', NAMESPACE);
  return secrets.filter((secret) => at(secret, 'metadata', 'annotations', KEPT_FROM) === SECRET.name);
}

suite('a key Secret that is given another key', () => {
  test('goes on opening what its old key sealed, also after a restart, until someone deletes that', async () => {
    const namespace = await setup.plane.createNamespace('replaced');
    const [old, next] = [await issued(5), await issued(1)];
    const sealed = (name: string): object => sealedSecret(old.certificate, { namespace, name }, { a: 'one' });
    await setup.cluster.create('secrets', old.secret);
    const controller = await start();
    await controller.logged('sealing keys loaded');
    await setup.cluster.create('sealedsecrets', sealed('before'));
    await setup.cluster.told({ namespace, name: 'before' }, 'True');

    await setup.cluster.change('secrets', SECRET, { data: at(next.secret, 'data') });
    await controller.logged('replaced sealing key kept');
    assert.equal((await controller.certificate()).fingerprint, next.certificate.fingerprint);
    const [secret, ...others] = await kept();
    assert.deepEqual(others, []);
    assert.equal(stringAt(secret, 'type'), 'kubernetes.io/tls');
    const event = await until('the event', async () =>
      (await setup.cluster.list('events', NAMESPACE)).find((each) => at(each, 'reason') === 'KeyKept'),
    );
    assert.equal(at(event, 'involvedObject', 'name'), SECRET.name);
    assert.equal(
      at(event, 'message'),
      `sealing key ${old.certificate.fingerprint} was replaced; it is kept in the Secret ${nameOf(secret)}`,
    );
    await setup.cluster.create('sealedsecrets', sealed('after'));
    await setup.cluster.told({ namespace, name: 'after' }, 'True');
    await controller.stop();

    const restarted = await start();
    await restarted.logged('sealing keys loaded');
    await setup.cluster.create('sealedsecrets', sealed('restarted'));
    await setup.cluster.told({ namespace, name: 'restarted' }, 'True');
    assert.equal((await restarted.certificate()).fingerprint, next.certificate.fingerprint);

    await setup.cluster.delete('secrets', { namespace: NAMESPACE, name: nameOf(secret) });
    assert.equal((await setup.cluster.told({ namespace, name: 'before' }, 'False')).reason, 'NoKey');
    assert.deepEqual(await kept(), []);
    await restarted.stop();
  });

  test('gives nothing to someone who may only write SealedSecrets', async () => {
    const [old, next] = [await issued(5), await issued(1)];
    await setup.cluster.delete('secrets', SECRET);
    await setup.cluster.create('secrets', old.secret);
    const controller = await start();
    await controller.logged('sealing keys loaded');
    await setup.cluster.change('secrets', SECRET, { data: at(next.secret, 'data') });
    await controller.logged('replaced sealing key kept');
    const [secret] = await kept();
    // Takes over the Secret that was replaced, the one that was kept, and plants one that looks as if it were kept.
    const forged = { labels: ACTIVE, annotations: { [KEPT_FROM]: SECRET.name } };
    for (const name of [SECRET.name, nameOf(secret), 'planted']) {
      const ref = { namespace: NAMESPACE, name };
      const object = sealedSecret(
        next.certificate,
        ref,
        { 'tls.key': 'x' },
        { template: { metadata: forged } },
      );
      await setup.cluster.create('sealedsecrets', object);
      await setup.cluster.told(ref, 'False');
    }
    for (const ref of [SECRET, { namespace: NAMESPACE, name: nameOf(secret) }]) {
      assert.ok(itemsOf(await setup.cluster.get('secrets', ref))['tls.key'] !== 'x');
    }
    const now = await setup.cluster.get('secrets', { namespace: NAMESPACE, name: nameOf(secret) });
    assert.equal(versionOf(now), versionOf(secret));
    assert.equal((await keySecrets(setup.cluster)).length, 1);
    await controller.stop();
  });
});
