import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { beforeEach, suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { itemsOf, versionOf } from '../support/cluster.ts';
import { NAMESPACE } from '../support/installation.ts';
import {
  ACTIVE,
  deleteKeys,
  keyItems,
  keySecret,
  keySecrets,
  nameOf,
  namesOfCertificate,
} from '../support/key-secret.ts';
import { certificateOf, DAY, pkcs1, pkcs8, rsa } from '../support/keys.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const setup = new Setup();

beforeEach(() => deleteKeys(setup.cluster));

async function ready(): Promise<ControllerProcess> {
  const controller = await setup.use(setup.installation.startBareController());
  await controller.logged('sealing keys loaded');
  return controller;
}

/** Returns the log entries about a key Secret. */
function loggedOf(controller: ControllerProcess, name: string): { message: string; code: string }[] {
  return controller.log
    .filter(({ line }) => line.includes(`"secret":"${NAMESPACE}/${name}"`))
    .map(({ message, code }) => ({ message, code }));
}

const CANARY = 'canary-in-a-sealing-key';

/** Returns a key that parses as RSA with 16448 bits, and would block the process if it were used. */
function hugeKey(): KeyObject {
  const number = (bits: number): string => {
    const bytes = randomBytes(bits / 8);
    bytes[0] = 0xff;
    return bytes.toString('base64url');
  };
  const half = { p: number(8224), q: number(8224), dp: number(8224), dq: number(8224), qi: number(8224) };
  return createPrivateKey({
    format: 'jwk',
    key: { kty: 'RSA', n: number(16448), e: 'AQAB', d: number(16448), ...half },
  });
}

suite('Secrets that are not valid sealing keys', () => {
  test('are skipped, each with a reason that quotes no content, and a valid key is generated', async () => {
    const good = rsa();
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const locked = good.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: CANARY });
    const certificate = await certificateOf(good);
    const keys: [string, Record<string, string>, string][] = [
      ['without-items', {}, 'NotAPrivateKey'],
      ['with-text', { 'tls.key': CANARY, 'tls.crt': certificate }, 'NotAPrivateKey'],
      ['damaged', { 'tls.key': pkcs1(good).replace(/\n.{23}/, `\n${CANARY}`) }, 'NotAPrivateKey'],
      ['locked', { 'tls.key': locked.toString(), 'tls.crt': certificate }, 'EncryptedKey'],
      ['elliptic', { 'tls.key': pkcs8(ec), 'tls.crt': certificate }, 'NotRsa'],
      ['huge', { 'tls.key': pkcs1(hugeKey()), 'tls.crt': certificate }, 'HugeKey'],
    ];
    for (const [name, items] of keys) {
      await setup.cluster.create('secrets', keySecret(`sealed-secrets-key-${name}`, items));
    }
    const controller = await ready();
    for (const [name, , code] of keys) {
      const expected = [{ message: 'skipping invalid sealing key', code }];
      assert.deepEqual(loggedOf(controller, `sealed-secrets-key-${name}`), expected);
    }
    assert.ok(!controller.output.includes(CANARY));
    assert.equal((await keySecrets(setup.cluster)).length, keys.length + 1);
    assert.match((await controller.certificate()).pem, /^-----BEGIN CERTIFICATE-----/);
    await controller.stop();
  });

  test('with a valid key but an invalid certificate decrypt and do not seal', async () => {
    const keys = { 'without-certificate': rsa(), 'with-text': rsa(), small: rsa(1024), 'of-another': rsa() };
    const certificates: Record<keyof typeof keys, [object, string]> = {
      'without-certificate': [{}, 'NotACertificate'],
      'with-text': [{ 'tls.crt': CANARY }, 'NotACertificate'],
      small: [{ 'tls.crt': await certificateOf(keys.small) }, 'WeakKey'],
      'of-another': [{ 'tls.crt': await certificateOf(rsa()) }, 'KeyMismatch'],
    };
    for (const name of ['without-certificate', 'with-text', 'small', 'of-another'] as const) {
      const items = { 'tls.key': pkcs1(keys[name]), ...certificates[name][0] };
      await setup.cluster.create('secrets', keySecret(`sealed-secrets-key-${name}`, items));
    }
    const controller = await ready();
    const namespace = await setup.plane.createNamespace('opened');
    for (const name of ['without-certificate', 'with-text', 'small', 'of-another'] as const) {
      const expected = [{ message: 'sealing key is used for decryption only', code: certificates[name][1] }];
      assert.deepEqual(loggedOf(controller, `sealed-secrets-key-${name}`), expected);

      const ref = { namespace, name };
      const publicKey = createPublicKey(keys[name]);
      await setup.cluster.create('sealedsecrets', sealedSecret({ publicKey }, ref, { a: 'one' }));
      await setup.cluster.told(ref, 'True');
      assert.deepEqual(itemsOf(await setup.cluster.secret(ref)), { a: 'one' });
    }
    assert.equal((await keySecrets(setup.cluster)).length, 5, 'a key to seal with was made');
    assert.ok(!controller.output.includes(CANARY));
    await controller.stop();
  });
});

suite('a user who may write SealedSecrets in the namespace of the controller', () => {
  const owner = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    name: 'planted',
    uid: '11111111-2222-3333-4444-555555555555',
  };
  const metadatas: [string, string, object][] = [
    ['by its label', 'sealed-secrets-key-planted', { labels: ACTIVE }],
    ['by the name of the oldest keys', 'sealed-secrets-key', {}],
  ];
  for (const [how, name, metadata] of metadatas) {
    for (const controller of [true, false]) {
      test(`cannot plant a key ${how} in a Secret that is ${controller ? 'controlled' : 'owned'}`, async () => {
        const ownerReferences = [{ ...owner, controller }];
        const planted = await keyItems({ notBefore: new Date(Date.now() - 1000), validity: 9999 * DAY });
        const secret = keySecret(name, planted, { ...metadata, ownerReferences });
        await setup.cluster.create('secrets', secret);
        const running = await ready();
        assert.equal(
          loggedOf(running, name)[0]?.message,
          'ignoring key Secret that was created by a SealedSecret',
        );
        assert.notEqual((await running.certificate()).pem, planted['tls.crt']);

        // It does not decrypt either: otherwise the controller would accept values that an attacker sealed.
        const ref = { namespace: await setup.plane.createNamespace('planted'), name: 'planted' };
        const publicKey = createPublicKey(planted['tls.key']);
        await setup.cluster.create('sealedsecrets', sealedSecret({ publicKey }, ref, { a: 'one' }));
        assert.equal((await setup.cluster.told(ref, 'False')).reason, 'NoKey');
        await running.stop();
      });
    }
  }

  test('cannot create or replace a key by its label or its name', async () => {
    const controller = await ready();
    const certificate = await controller.certificate();
    const [key] = await keySecrets(setup.cluster);
    const items = await keyItems({ notBefore: new Date(Date.now() + 365 * DAY) });
    const apply = async (ref: Ref, labels: object): Promise<void> => {
      const template = { type: 'kubernetes.io/tls', metadata: { labels } };
      await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items, { template }));
    };
    const label = 'sealedsecrets.bitnami.com/sealed-secrets-key';
    const refused = 'a SealedSecret cannot create or change a sealing key';
    const prefix = 'sealed-secrets-key';
    const reserved = `refused: names that start with ${prefix} are reserved for sealing keys: ${refused}`;
    const attempts: [string, object, string, string][] = [
      ['by-label', ACTIVE, 'Refused', `refused: the template has the label ${label}: ${refused}`],
      ['by-unused', { [label]: '' }, 'Refused', `refused: the template has the label ${label}: ${refused}`],
      [
        'sealed-secrets-key',
        {},
        'Refused',
        `refused: sealed-secrets-key is the name of a sealing key: ${refused}`,
      ],
      [nameOf(key), {}, 'Refused', reserved],
      [`${prefix}-spare`, {}, 'Refused', reserved],
    ];
    for (const [name, labels, reason, message] of attempts) {
      const ref = { namespace: NAMESPACE, name };
      await apply(ref, labels);
      const told = await setup.cluster.told(ref, 'False');
      assert.deepEqual([told.reason, told.message], [reason, message]);
      await setup.cluster.delete('sealedsecrets', ref);
    }
    assert.deepEqual((await keySecrets(setup.cluster)).map(versionOf), [versionOf(key)]);
    assert.equal(await setup.cluster.get('secrets', { namespace: NAMESPACE, name: 'by-label' }), undefined);
    await controller.stop();
  });
});

suite('a renewal', () => {
  test('is not stopped by SealedSecrets with the names that follow from the certificate', async () => {
    const controller = await ready();
    const certificate = await controller.certificate();
    const names = namesOfCertificate(certificate.fingerprint);
    for (const name of names) {
      const ref = { namespace: NAMESPACE, name };
      await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
    }
    for (const name of names) {
      const ref = { namespace: NAMESPACE, name };
      assert.equal((await setup.cluster.told(ref, 'False')).reason, 'Refused');
      assert.equal(await setup.cluster.get('secrets', ref), undefined);
    }
    await renewed(controller, certificate);
    for (const name of names) await setup.cluster.delete('sealedsecrets', { namespace: NAMESPACE, name });
    await controller.stop();
  });

  test('is not stopped by Secrets with those names', async () => {
    const controller = await ready();
    const certificate = await controller.certificate();
    const names = namesOfCertificate(certificate.fingerprint);
    for (const name of names) await setup.cluster.create('secrets', keySecret(name, { a: 'one' }, {}));
    await renewed(controller, certificate);
    await controller.stop();
  });

  async function renewed(controller: ControllerProcess, before: Certificate): Promise<void> {
    const keys = (await keySecrets(setup.cluster)).length;
    controller.signal('SIGUSR1');
    await until('another certificate', async () => {
      const { fingerprint } = await controller.certificate();
      return fingerprint === before.fingerprint ? undefined : true;
    });
    assert.equal((await keySecrets(setup.cluster)).length, keys + 1);
  }
});
