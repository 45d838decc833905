import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  isFromSealedSecret,
  newKeyName,
  readKeySecret,
  type SealingKey,
} from '../../../controller/keys/key-secret.ts';
import { newestOf, SealingKeys } from '../../../controller/keys/sealing-keys.ts';
import { certificateOf, DAY, pkcs1, rsa, sealingPair } from '../../support/keys.ts';
import { ownedBy, secret } from '../../support/objects.ts';

const NOW = new Date();

async function keyFrom(daysAgo: number): Promise<SealingKey> {
  const { key, certificate } = await sealingPair();
  const notBefore = new Date(NOW.getTime() - daysAgo * DAY);
  return { secretName: `key-${daysAgo}`, key, certificate: { ...certificate, notBefore } };
}

suite('the newest key', () => {
  test('is the one whose certificate is valid from the latest day, but never from a day to come', async () => {
    const [old, recent, future] = await Promise.all([keyFrom(90), keyFrom(2), keyFrom(-30)]);
    assert.equal(newestOf([recent, future, old], NOW), recent.certificate);
    assert.equal(newestOf([future], NOW), undefined);
    assert.equal(newestOf([], NOW), undefined);
  });

  test('is none that only opens', async () => {
    const [old, recent] = await Promise.all([keyFrom(90), keyFrom(2)]);
    const opensOnly: SealingKey = { ...recent, certificate: { code: 'KeyMismatch', at: 'x' } };
    const keys = new SealingKeys();
    keys.use([opensOnly, old], NOW);
    assert.equal(keys.certificate, old.certificate);
    assert.equal(keys.keyring.size, 2);
  });
});

suite('a key Secret', () => {
  const key = rsa();

  test('gives key and certificate', async () => {
    const data = { 'tls.key': pkcs1(key), 'tls.crt': await certificateOf(key) };
    const read = await readKeySecret(secret({ name: 'k', data }));
    assert.ok(!('code' in read.certificate));
    assert.equal(read.certificate.fingerprint, read.key.fingerprint);
  });

  test('opens and does not seal where its certificate is that of another key, or none, or weak', async () => {
    const weak = rsa(1024);
    for (const [data, code] of [
      [{ 'tls.key': pkcs1(key), 'tls.crt': await certificateOf(rsa()) }, 'KeyMismatch'],
      [{ 'tls.key': pkcs1(key) }, 'NotACertificate'],
      [{ 'tls.key': pkcs1(key), 'tls.crt': 'x' }, 'NotACertificate'],
      [{ 'tls.key': pkcs1(weak), 'tls.crt': await certificateOf(weak) }, 'WeakKey'],
    ] as const) {
      const { certificate } = await readKeySecret(secret({ name: 'k', data }));
      assert.equal('code' in certificate && certificate.code, code);
    }
  });

  test('is refused without a private key', async () => {
    await assert.rejects(
      readKeySecret(secret({ name: 'k', data: {} })),
      /Secret ns\/k: tls.key holds no private key/,
    );
  });

  test('that a SealedSecret made is told', () => {
    assert.ok(isFromSealedSecret(secret({ owners: [ownedBy('x')] })));
    assert.ok(!isFromSealedSecret(secret({ owners: [{ ...ownedBy('x'), kind: 'Deployment' }] })));
  });

  test('is named as Kubernetes would, and never twice the same', () => {
    const names = Array.from({ length: 50 }, () => newKeyName('sealed-secrets-key'));
    for (const name of names) assert.match(name, /^sealed-secrets-key[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(new Set(names).size, 50);
  });
});
