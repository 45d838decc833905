import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { beforeEach, suite, test } from 'node:test';
import { KEPT_FROM } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { ask } from '../support/ask.ts';
import { itemsOf, versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAMESPACE } from '../support/installation.ts';
import { ACTIVE, deleteKeys, keyItems, keySecret, keySecrets, nameOf } from '../support/key-secret.ts';
import { DAY } from '../support/keys.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/** Adds and removes keys while the controller runs. */
const setup = new Setup();

beforeEach(() => deleteKeys(setup.cluster));

const QUICK = ['--key-size', '2048'];
const [LABEL = ''] = Object.keys(ACTIVE);

async function start(args: readonly string[] = []): Promise<ControllerProcess> {
  return setup.use(setup.installation.startBareController([...QUICK, ...args]));
}

async function ready(args: readonly string[] = []): Promise<ControllerProcess> {
  const controller = await start(args);
  await controller.logged('sealing keys loaded');
  return controller;
}

/** Returns the certificate that the controller serves for sealing, or an empty string if there is none. */
async function served(controller: ControllerProcess): Promise<string> {
  const { status, body } = await ask('GET', `${await controller.url()}/v1/cert.pem`);
  return status === 200 ? body : '';
}

async function serves(controller: ControllerProcess, pem: string): Promise<void> {
  await until(`the certificate ${pem.slice(28, 60)}…`, async () =>
    (await served(controller)) === pem ? true : undefined,
  );
}

async function bring(name: string, days: number, metadata?: object): Promise<string> {
  const items = await keyItems({ notBefore: new Date(Date.now() - days * DAY), validity: 100 * DAY });
  await setup.cluster.create('secrets', keySecret(name, items, metadata));
  return items['tls.crt'];
}

function ref(name: string): { namespace: string; name: string } {
  return { namespace: NAMESPACE, name };
}

async function relabel(name: string, value: string): Promise<void> {
  await setup.cluster.change('secrets', ref(name), { metadata: { labels: { [LABEL]: value } } });
}

suite('a key', () => {
  test('that is added is used at once, and SealedSecrets that need it are synced', async () => {
    const controller = await ready();
    const namespace = await setup.plane.createNamespace('brought');
    const items = await keyItems({ notBefore: new Date(Date.now() - 5 * DAY), validity: 100 * DAY });
    const certificate = parseCertificate(items['tls.crt'], 'a test key');
    const object = sealedSecret(certificate, { namespace, name: 'waits' }, { a: 'one' });
    await setup.cluster.create('sealedsecrets', object);
    assert.equal((await setup.cluster.told({ namespace, name: 'waits' }, 'False')).reason, 'NoKey');

    await setup.cluster.create('secrets', keySecret('sealed-secrets-key-restored', items));
    await setup.cluster.told({ namespace, name: 'waits' }, 'True');
    assert.deepEqual(itemsOf(await setup.cluster.secret({ namespace, name: 'waits' })), { a: 'one' });
    assert.notEqual(await served(controller), items['tls.crt'], 'the newest one goes on to seal');
    await controller.stop();
  });

  test('that is labelled compromised neither seals nor decrypts until it is restored', async () => {
    const old = await bring('sealed-secrets-keya', 5);
    const newest = await bring('sealed-secrets-keyb', 1);
    const controller = await ready();
    await serves(controller, newest);
    const namespace = await setup.plane.createNamespace('compromised');
    const early = { namespace, name: 'early' };
    await setup.cluster.create(
      'sealedsecrets',
      sealedSecret(parseCertificate(newest, 'b'), early, { a: 'one' }),
    );
    await setup.cluster.told(early, 'True');
    const made = await setup.cluster.secret(early);
    await relabel('sealed-secrets-keyb', 'compromised');
    await serves(controller, old);
    const { reason, message } = await setup.cluster.told(early, 'False');
    assert.equal(reason, 'NoKey');
    assert.match(message, /; 1 key is labelled compromised and not tried$/);

    const sealed = sealedSecret(parseCertificate(newest, 'b'), { namespace, name: 'late' }, { a: 'one' });
    await setup.cluster.create('sealedsecrets', sealed);
    assert.equal((await setup.cluster.told({ namespace, name: 'late' }, 'False')).reason, 'NoKey');
    assert.equal((await keySecrets(setup.cluster)).length, 2, 'no key is made in its place');

    // A Secret that it unsealed before remains, even when the object is reconciled again.
    const annotations = { note: 'x' };
    await setup.cluster.change('sealedsecrets', early, { metadata: { annotations } });
    assert.equal((await setup.cluster.told(early, 'False')).reason, 'NoKey');
    assert.equal(versionOf(await setup.cluster.secret(early)), versionOf(made));

    await relabel('sealed-secrets-keyb', 'active');
    await serves(controller, newest);
    await setup.cluster.told({ namespace, name: 'late' }, 'True');
    await setup.cluster.told(early, 'True');
    await controller.stop();
  });

  test('of the oldest releases is added and removed like others', async () => {
    const controller = await ready(['--key-order-priority=SecretCreationTimestamp']);
    const made = await served(controller);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const legacy = await bring('sealed-secrets-key', 5, {});
    await serves(controller, legacy);
    await setup.cluster.delete('secrets', ref('sealed-secrets-key'));
    await serves(controller, made);
    assert.equal((await keySecrets(setup.cluster)).length, 1, 'no key is made in its place');
    await controller.stop();
  });

  test('with the name of the oldest releases and the active label counts once', async () => {
    const labels = { ...ACTIVE, 'app.kubernetes.io/name': 'backup', [`${LABEL}-restored`]: 'active' };
    const pem = await bring('sealed-secrets-key', 5, { labels });
    const controller = await ready();
    await serves(controller, pem);
    assert.match(await controller.logged('sealing keys loaded'), /"keys":1\b/);
    await controller.stop();
    assert.equal((await keySecrets(setup.cluster)).length, 1);
  });

  test('is reloaded when its Secret changes', async () => {
    const first = await bring('sealed-secrets-keya', 5);
    const controller = await ready();
    await serves(controller, first);
    const items = await keyItems({ validity: 100 * DAY });
    const { data } = keySecret('sealed-secrets-keya', items) as { data: object };
    await setup.cluster.change('secrets', ref('sealed-secrets-keya'), { data });
    await serves(controller, items['tls.crt']);
    await setup.cluster.change('secrets', ref('sealed-secrets-keya'), { data: { 'tls.key': 'eA==' } });
    await serves(controller, '');
    assert.match(await controller.logged('skipping invalid sealing key'), /sealed-secrets-keya\b/);
    const others = (await keySecrets(setup.cluster)).filter(
      (secret) => at(secret, 'metadata', 'annotations', KEPT_FROM) === undefined,
    );
    assert.deepEqual(others.map(nameOf), ['sealed-secrets-keya'], 'no key is made in its place');
    await controller.stop();
  });

  test('that was the last one is replaced only by SIGUSR1 or a restart', async () => {
    const controller = await ready();
    await deleteKeys(setup.cluster);
    await serves(controller, '');
    await controller.logged('no sealing key left');
    assert.equal((await ask('GET', `${await controller.url()}/healthz`)).status, 200);
    assert.deepEqual(await keySecrets(setup.cluster), []);

    controller.signal('SIGUSR1');
    await until('a key', async () => ((await served(controller)) === '' ? undefined : true));
    assert.equal((await keySecrets(setup.cluster)).length, 1);

    await deleteKeys(setup.cluster);
    await serves(controller, '');
    await controller.stop();
    const next = await ready();
    assert.equal((await keySecrets(setup.cluster)).length, 1);
    await next.stop();
  });
});

suite('--key-generation=never', () => {
  test('waits for an existing key, and logs that', async () => {
    const controller = await start(['--key-generation=never']);
    await controller.logged('--key-generation=never; create a Secret');
    assert.equal(await served(controller), '');
    controller.signal('SIGUSR1');
    await controller.logged('ignoring the request for a new sealing key because of --key-generation=never');
    assert.deepEqual(await keySecrets(setup.cluster), []);
    await serves(controller, await bring('of-any-name', 5));
    await setup.cluster.delete('secrets', ref('of-any-name'));
    await controller.stop();
  });
});

suite('renewal', () => {
  test('happens by age, sets the labels and annotations of the new key, and keeps the old key', async () => {
    const old = await bring('sealed-secrets-keya', 31);
    const extra = ['--privatekey-labels=team=a', '--privatekey-annotations=note=b', '--my-cn=sealer'];
    const controller = await ready([...extra, '--key-ttl=48h']);
    await controller.logged('sealing key generated');
    const certificate = await controller.certificate();
    assert.notEqual(certificate.pem, old);
    assert.equal(new X509Certificate(certificate.pem).subject, 'CN=sealer');
    assert.equal(certificate.notAfter.getTime() - certificate.notBefore.getTime(), 2 * DAY);
    const made = (await keySecrets(setup.cluster)).find((secret) => nameOf(secret) !== 'sealed-secrets-keya');
    assert.deepEqual(at(made, 'metadata', 'labels'), { team: 'a', ...ACTIVE });
    assert.deepEqual(at(made, 'metadata', 'annotations'), { note: 'b' });

    const namespace = await setup.plane.createNamespace('old-key');
    const sealed = sealedSecret(parseCertificate(old, 'a'), { namespace, name: 'old' }, { a: 'one' });
    await setup.cluster.create('sealedsecrets', sealed);
    await setup.cluster.told({ namespace, name: 'old' }, 'True');
    await controller.stop();
  });

  test('does not happen with period 0, whatever the age', async () => {
    const old = await bring('sealed-secrets-keya', 99);
    const controller = await ready(['--key-renew-period=0']);
    await serves(controller, old);
    await controller.stop();
    assert.equal((await keySecrets(setup.cluster)).length, 1);
  });

  test('happens if the newest key is older than the cutoff', async () => {
    const old = await bring('sealed-secrets-keya', 5);
    const cutoff = new Date(Date.now() - DAY).toUTCString().replace('GMT', '+0000');
    const args = ['--key-renew-period=0', `--key-cutoff-time=${cutoff}`];
    const controller = await ready(args);
    await controller.logged('sealing key generated');
    const certificate = await served(controller);
    assert.notEqual(certificate, old);
    await controller.stop();
    const again = await ready(args);
    await serves(again, certificate);
    await again.stop();
  });

  test('has one result if two controllers renew at the same time', async () => {
    const old = await bring('sealed-secrets-keya', 31);
    const both = await Promise.all([ready(), ready()]);
    await until('one certificate of both', async () => {
      const [one, two] = await Promise.all(both.map(served));
      return one === two && one !== old ? true : undefined;
    });
    await Promise.all(both.map((controller) => controller.stop()));
    assert.equal((await keySecrets(setup.cluster)).length, 2);
  });

  test('happens once if the process is killed during it', async () => {
    await bring('sealed-secrets-keya', 31);
    for (const after of [0, 100, 200, 300]) {
      const dying = await ready();
      await new Promise((resolve) => setTimeout(resolve, after));
      await dying.stop('SIGKILL');
    }
    const controller = await ready();
    await until('the new key', async () => ((await keySecrets(setup.cluster)).length > 1 ? true : undefined));
    await controller.stop();
    assert.equal((await keySecrets(setup.cluster)).length, 2);
  });
});
