import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess, ProcessOptions } from '../support/controller-process.ts';
import { ACTIVE, deleteKeys, keyItems, keySecret, keySecrets, nameOf } from '../support/key-secret.ts';
import { DAY } from '../support/keys.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const setup = new Setup();
const QUICK = ['--key-size', '2048'];

beforeEach(() => deleteKeys(setup.cluster));

async function keys(): Promise<unknown[]> {
  return keySecrets(setup.cluster);
}

async function ready(
  args: readonly string[] = QUICK,
  options: ProcessOptions = {},
): Promise<ControllerProcess> {
  const controller = await setup.use(setup.installation.startBareController(args, options));
  await controller.logged('sealing keys loaded');
  return controller;
}

/** Runs a controller until it has loaded its keys, and returns the certificate that it serves. */
async function served(): Promise<string> {
  const controller = await ready();
  const { pem } = await controller.certificate();
  await controller.stop();
  return pem;
}

suite('the first start', () => {
  test('generates one key of 4096 bits, in the established format', async () => {
    const controller = await ready([]);
    const [secret, ...others] = await keys();
    assert.deepEqual(others, []);
    assert.match(nameOf(secret), /^sealed-secrets-key[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(at(secret, 'type'), 'kubernetes.io/tls');
    assert.deepEqual(at(secret, 'metadata', 'labels'), ACTIVE);
    assert.equal(at(secret, 'metadata', 'annotations'), undefined);
    assert.equal(at(secret, 'metadata', 'ownerReferences'), undefined);

    const { 'tls.key': pem = '', 'tls.crt': crt = '', ...more } = itemsOf(secret);
    assert.deepEqual(more, {});
    assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----\n/);
    const key = createPrivateKey(pem);
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 4096);
    const certificate = new X509Certificate(crt);
    assert.ok(certificate.checkPrivateKey(key));
    const years = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / (365 * DAY);
    assert.equal(years, 10);
    assert.ok(Math.abs(Date.parse(certificate.validFrom) - Date.now()) < 60_000);
    assert.equal((await controller.certificate()).pem, crt);
    await controller.stop();
  });

  test('writes the key to its Secret and nowhere else', async () => {
    const cwd = join(folder.path, 'cwd');
    mkdirSync(cwd);
    const controller = await ready(QUICK, { cwd, env: { TMPDIR: cwd, HOME: cwd } });
    await controller.stop();
    assert.deepEqual(readdirSync(cwd), []);
    const [secret] = await keys();
    const lines = (itemsOf(secret)['tls.key'] ?? '').split('\n').filter((line) => line.length === 64);
    assert.ok(lines.length > 20);
    for (const line of [...lines, 'PRIVATE KEY', stringAt(secret, 'data', 'tls.key')]) {
      assert.ok(!controller.output.includes(line), 'the log has a part of the key');
    }
  });
});

suite('a later start', () => {
  test('uses the existing key', async () => {
    const first = await served();
    assert.equal(await served(), first);
    assert.equal((await keys()).length, 1);
  });

  test('uses a key of the oldest releases, which has the name but no label', async () => {
    const items = await keyItems();
    await setup.cluster.create('secrets', keySecret('sealed-secrets-key', items, {}));
    assert.equal(await served(), items['tls.crt']);
    assert.equal((await keys()).length, 1);
  });

  test('seals with the newest of several keys, by the date in its certificate', async () => {
    const newest = await keyItems({ notBefore: new Date(Date.now() - DAY) });
    const older = await keyItems({ notBefore: new Date(Date.now() - 5 * DAY) });
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keyb', newest));
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keya', older));
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keyc', older));
    assert.equal(await served(), newest['tls.crt']);
  });

  test('never seals with a key that is not valid yet, and generates one if there is no other', async () => {
    const future = await keyItems({ notBefore: new Date(Date.now() + 365 * DAY) });
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keyz', future));
    const made = await served();
    assert.notEqual(made, future['tls.crt']);
    assert.equal((await keys()).length, 2);
    assert.equal(await served(), made);
    assert.equal((await keys()).length, 2);
  });

  test('does not use a key that is no longer labelled active, and generates a new one', async () => {
    const items = await keyItems();
    const labels = Object.fromEntries(Object.keys(ACTIVE).map((label) => [label, 'compromised']));
    await setup.cluster.create('secrets', keySecret('sealed-secrets-keyx', items, { labels }));
    assert.notEqual(await served(), items['tls.crt']);
    assert.equal((await keys()).length, 2);
  });
});
