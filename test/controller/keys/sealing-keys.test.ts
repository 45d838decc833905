import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KeyOrder } from '../../../controller/keys/key-options.ts';
import { firstKeySeed, nextKeyName } from '../../../controller/keys/key-name.ts';
import { readKeySecret, type SealingKey } from '../../../controller/keys/key-secret.ts';
import { SealingKeys } from '../../../controller/keys/sealing-keys.ts';
import { isFromSealedSecret } from '../../../shared/seal/stored-key.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { certificateOf, DAY, pkcs1, pkcs8, rsa, sealingPair } from '../../support/keys.ts';
import { ownedBy, secret } from '../../support/objects.ts';
import { Failure } from '../../../shared/errors.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';

const NOW = new FakeClock().now();

function daysAgo(days: number): Date {
  return new Date(NOW.getTime() - days * DAY);
}

/** A key whose certificate is valid from so many days ago for 1000 days. */
async function keyFrom(days: number, parts: Partial<SealingKey> = {}): Promise<SealingKey> {
  const { key, certificate } = await sealingPair();
  const validity = { notBefore: daysAgo(days), notAfter: daysAgo(days - 1000) };
  return {
    secretName: `key-${days}`,
    created: undefined,
    key,
    certificate: { ...certificate, ...validity },
    nameSeed: Buffer.alloc(0),
    ...parts,
  };
}

function keysOf(
  keys: readonly SealingKey[],
  order: KeyOrder = 'CertNotBefore',
  clock = new FakeClock(),
): SealingKeys {
  const all = new SealingKeys(order, clock);
  all.replace(keys);
  return all;
}

suite('the newest key', () => {
  test('is the one whose certificate is valid from the latest day, but not in the future', async () => {
    const [old, recent, future] = await Promise.all([keyFrom(90), keyFrom(2), keyFrom(-30)]);
    assert.equal(keysOf([recent, future, old]).newest, recent);
    assert.equal(keysOf([future]).newest, undefined);
    assert.equal(keysOf([]).newest, undefined);
  });

  test('is one from the future as soon as it is valid', async () => {
    const clock = new FakeClock();
    const [recent, future] = await Promise.all([keyFrom(2), keyFrom(-30)]);
    const keys = keysOf([recent, future], 'CertNotBefore', clock);
    assert.deepEqual(keys.nextValid, daysAgo(-30));
    await clock.pass(30 * DAY - 1);
    assert.equal(keys.newest, recent);
    await clock.pass(1);
    assert.equal(keys.newest, future);
    assert.equal(keys.nextValid, undefined);
  });

  test('is never an expired one', async () => {
    const clock = new FakeClock();
    const [long, short] = await Promise.all([keyFrom(900), keyFrom(999)]);
    const keys = keysOf([long, short], 'CertNotBefore', clock);
    await clock.pass(99 * DAY);
    assert.equal(keys.certificate, long.certificate);
    await clock.pass(DAY);
    assert.equal(keys.certificate, undefined);
    assert.equal(keys.keyring.size, 2, 'they go on opening');
  });

  test('is the one that was created last, if the order is SecretCreationTimestamp', async () => {
    const restored = await keyFrom(90, { created: daysAgo(1) });
    const made = await keyFrom(2, { created: daysAgo(2) });
    const future = await keyFrom(-2, { created: daysAgo(0) });
    assert.equal(keysOf([restored, made, future]).newest, made);
    assert.equal(keysOf([restored, made, future], 'SecretCreationTimestamp').newest, restored);
  });

  test('is determined by the other date if the first is the same, and never by chance', async () => {
    const early = await keyFrom(5, { created: daysAgo(3) });
    const late = await keyFrom(5, { created: daysAgo(2) });
    const later = await keyFrom(4, { created: daysAgo(2) });
    assert.equal(keysOf([late, early]).newest, late);
    assert.equal(keysOf([late, later, early], 'SecretCreationTimestamp').newest, later);
    const twins = [await keyFrom(5, { secretName: 'a' }), await keyFrom(5, { secretName: 'b' })] as const;
    assert.equal(keysOf(twins).newest, twins[1]);
    assert.equal(keysOf([...twins].reverse()).newest, twins[1]);
  });

  test('is never one that only decrypts', async () => {
    const [old, recent] = await Promise.all([keyFrom(90), keyFrom(2)]);
    const opensOnly: SealingKey = { ...recent, certificate: sealFailure({ code: 'KeyMismatch', at: 'x' }) };
    const keys = keysOf([opensOnly, old]);
    assert.equal(keys.certificate, old.certificate);
    assert.deepEqual(keys.keyring.fingerprints, [old.key.fingerprint, recent.key.fingerprint]);
  });
});

suite('a key Secret', () => {
  const key = rsa();

  test('gives key and certificate, of PKCS#1 and of PKCS#8', async () => {
    for (const text of [pkcs1(key), pkcs8(key)]) {
      const read = await readKeySecret(
        secret({ data: { 'tls.key': text, 'tls.crt': await certificateOf(key) } }),
      );
      assert.ok(!(read.certificate instanceof Failure));
      assert.equal(read.certificate.fingerprint, read.key.fingerprint);
    }
  });

  test('seals with the first of several certificates, and not at all if that is of another key', async () => {
    const [own, later] = [await certificateOf(key), await certificateOf(key, { notBefore: daysAgo(1) })];
    const chain = await readKeySecret(secret({ data: { 'tls.key': pkcs1(key), 'tls.crt': own + later } }));
    assert.equal('pem' in chain.certificate && chain.certificate.pem, own);
    const foreign = (await certificateOf(rsa())) + own;
    const { certificate } = await readKeySecret(
      secret({ data: { 'tls.key': pkcs1(key), 'tls.crt': foreign } }),
    );
    assert.equal(certificate instanceof Failure && certificate.code, 'KeyMismatch');
  });

  test('decrypts and does not seal if its certificate is that of another key, missing or weak', async () => {
    const weak = rsa(1024);
    for (const [data, code] of [
      [{ 'tls.key': pkcs1(key), 'tls.crt': await certificateOf(rsa()) }, 'KeyMismatch'],
      [{ 'tls.key': pkcs1(key) }, 'NotACertificate'],
      [{ 'tls.key': pkcs1(key), 'tls.crt': 'x' }, 'NotACertificate'],
      [{ 'tls.key': pkcs1(weak), 'tls.crt': await certificateOf(weak) }, 'WeakKey'],
    ] as const) {
      const { certificate } = await readKeySecret(secret({ name: 'k', data }));
      assert.equal(certificate instanceof Failure && certificate.code, code);
    }
  });

  test('is refused without a private key', async () => {
    await assert.rejects(
      readKeySecret(secret({ name: 'k', data: {} })),
      /Secret ns\/k: tls.key holds no private key/,
    );
  });

  test('is recognised if a SealedSecret created it', () => {
    assert.ok(isFromSealedSecret(secret({ owners: [ownedBy('x')] })));
    assert.ok(!isFromSealedSecret(secret({ owners: [{ ...ownedBy('x'), kind: 'Deployment' }] })));
    for (const name of ['owner-uid', 'skip-set-owner-references']) {
      const annotations = { [`sealedsecrets.bitnami.com/${name}`]: 'true' };
      assert.ok(isFromSealedSecret(secret({ annotations })), name);
    }
    const owner = { 'sealedsecrets.bitnami.com/patch': 'true', 'sealedsecrets.bitnami.com/managed': 'true' };
    assert.ok(!isFromSealedSecret(secret({ annotations: owner })), "the key's owner may say these");
  });
});

suite('a name', () => {
  const FORM = /^sealed-secrets-key[bcdfghjklmnpqrstvwxz2456789]{5}$/;

  test('of a first key is the same for each process, and another one in another place or attempt', () => {
    const place = { namespace: 'kube-system', ca: 'one', existing: [] };
    const nameIn = (other: Partial<typeof place> = {}, attempt = 0): string =>
      nextKeyName('sealed-secrets-key', firstKeySeed({ ...place, ...other }), attempt);
    const name = nameIn();
    assert.match(name, FORM);
    // Were it to change, two versions that start together could create two keys.
    assert.equal(name, 'sealed-secrets-keyvm59v');
    assert.equal(nameIn(), name);
    assert.notEqual(nameIn({ namespace: 'other' }), name);
    assert.notEqual(nameIn({ ca: 'two' }), name);
    assert.notEqual(nameIn({}, 1), name);
  });

  test('of a key that replaces expired ones is another one than theirs', () => {
    const place = { namespace: 'kube-system', ca: 'one' };
    assert.notDeepEqual(
      firstKeySeed({ ...place, existing: ['a'] }),
      firstKeySeed({ ...place, existing: [] }),
    );
    assert.deepEqual(
      firstKeySeed({ ...place, existing: ['a', 'b'] }),
      firstKeySeed({ ...place, existing: ['b', 'a'] }),
    );
  });

  test('of a key that follows another is always the same, and another one for another key or attempt', () => {
    const one = Buffer.from('a'.repeat(32));
    const two = Buffer.from('b'.repeat(32));
    const name = nextKeyName('sealed-secrets-key', one, 0);
    assert.match(name, FORM);
    // Were it to change, a new version could renew once more what an old one has renewed.
    assert.equal(name, 'sealed-secrets-key2n78n');
    assert.notEqual(nextKeyName('sealed-secrets-key', two, 0), name);
    assert.notEqual(nextKeyName('sealed-secrets-key', one, 1), name);
  });

  test('of a key that follows another needs its private key, and not only its certificate', async () => {
    const [one, two] = [rsa(), rsa()];
    const certificate = await certificateOf(one);
    const seed = async (key: typeof one): Promise<Buffer> => {
      const data = { 'tls.key': pkcs1(key), 'tls.crt': certificate };
      return (await readKeySecret(secret({ name: 'k', data }))).nameSeed;
    };
    assert.deepEqual(await seed(one), await seed(one));
    assert.notDeepEqual(await seed(one), await seed(two), 'both Secrets have the same certificate');
  });
});
