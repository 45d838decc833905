import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { utf8Bytes } from '../../../shared/bytes.ts';
import { openEnvelope } from '../../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../../shared/crypto/envelope.ts';
import { sealValue } from '../../../shared/crypto/seal-value.ts';
import { fingerprint } from '../../../shared/crypto/rsa.ts';
import { parsePrivateKey, privateKeyOf } from '../../../shared/crypto/private-key.ts';
import { privateKeyBlocks } from '../../../shared/crypto/private-key-pem.ts';
import { pkcs1, pkcs8, rsa } from '../../support/keys.ts';

const CANARY = 'canary-in-a-key-file';

/** `ssh-keygen -lf` prints the fingerprint below for this key (made with `ssh-keygen -t rsa -b 2048 -m pkcs8`). */
const SSH_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAm9++dU9VBto99RqXjbW6
CxyJc+eqC1IYGt/kNE/y5aFhgDn32tplsBNOy/SvxQuDdOH8lauypmigX7EoIq0z
ScOwTlKeC/pob4uobxSC7EW/lFExBzrtJdkkCOtZGw9VJ+4gCWUcLJRcy2f0gw1F
fnDXB+uBHNgOVfyZBcCDrwv8kOi1dEhDlYZvduepDP8m3XM9YA/6QD1ZyAquF8RV
Jab+XfIoDI1gk2XWXnAopoJrR6lqB98b18KMUIwlnZBkytBH5ntNsPT7E82isT01
fgUZM5QAiIR/OuV5l2jTq70KdmmzmI+xgJ/90x+9dAmrINfcL2OvOe24tRJcHVOd
6QIDAQAB
-----END PUBLIC KEY-----`;
const SSH_FINGERPRINT = 'SHA256:JlBjcg9Dt3pVha/iFl4BEyB2JUjVMK+HvBKWLIUsi9U';

suite('a private key', () => {
  test('has the same fingerprint as PKCS#1 and PKCS#8', async () => {
    const key = rsa();
    const one = await parsePrivateKey(pkcs1(key), 'a');
    const eight = await parsePrivateKey(`some text\n${pkcs8(key)}\n${pkcs1(rsa())}`, 'b');
    assert.equal(one.fingerprint, eight.fingerprint);
    assert.equal(one.modulus.length, 256);
  });

  test('cannot be exported', async () => {
    const key = await parsePrivateKey(pkcs1(rsa()), 'a');
    assert.deepEqual(Reflect.ownKeys(key.decryptionKey), []);
  });

  test('opens envelopes even if it is small', async () => {
    assert.equal((await parsePrivateKey(pkcs8(rsa(1024)), 'a')).modulus.length, 128);
  });

  test('opens more envelopes in parallel than it has copies', async () => {
    const key = await parsePrivateKey(pkcs1(rsa()), 'a', 2);
    const label = utf8Bytes('ns/name') as Label;
    const values = Array.from({ length: 20 }, (_, i) => `value ${i}`);
    const opened = await Promise.all(
      values.map(async (value) => {
        const envelope = parseEnvelope(sealValue(Buffer.from(value), key.publicKey, label));
        return envelope && (await openEnvelope(envelope, key, label));
      }),
    );
    assert.deepEqual(opened.map(String), values);
  });

  test('is found for every PEM block of a file', async () => {
    const keys = [rsa(), rsa(), rsa()] as const;
    const text = `${pkcs1(keys[0])}\nbetween\n${pkcs8(keys[1])}${pkcs1(keys[2])}`;
    const read = await Promise.all(privateKeyBlocks(text).map((pem) => parsePrivateKey(pem, 'a')));
    assert.deepEqual(
      read.map((key) => key.fingerprint),
      keys.map((key) => fingerprint(createPublicKey(key))),
    );
    assert.deepEqual(privateKeyBlocks('nothing'), []);
    await assert.rejects(parsePrivateKey('nothing', 'key.pem'), /key.pem holds no private key/);
  });

  // Its public half would seal values that no key can open.
  test('is refused if its two halves do not match', async () => {
    const jwk = rsa().export({ format: 'jwk' });
    const { d = '', dp = '', dq = '', p = '', q = '', qi = '' } = rsa().export({ format: 'jwk' });
    for (const damage of [
      { d, dp, dq },
      { d, dp, dq, p, q, qi },
    ]) {
      const damaged = createPrivateKey({ key: { ...jwk, ...damage }, format: 'jwk' });
      await assert.rejects(privateKeyOf(damaged, 'key.pem'), /key.pem holds no private key/);
    }
  });

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const ed = generateKeyPairSync('ed25519').privateKey;
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;
  const locked = rsa()
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  const refusals: [string, string, RegExp][] = [
    ['an EC key', pkcs8(ec), /key.pem holds a key of type ec, not RSA$/],
    ['an Ed25519 key', pkcs8(ed), /key.pem holds a key of type ed25519, not RSA$/],
    ['a key for signatures only', pkcs8(pss), /key.pem holds a key of type rsa-pss, not RSA$/],
    ['an encrypted key', locked, /key.pem holds an encrypted private key/],
    ['a broken key', pkcs8(rsa()).replace(/\n.{40}/, `\n${CANARY}`), /key.pem holds no private key/],
    ['no key', CANARY, /key.pem holds no private key/],
    ['nothing', '', /key.pem holds no private key/],
  ];
  for (const [what, text, words] of refusals) {
    test(`is not ${what}`, async () => {
      await assert.rejects(parsePrivateKey(text, 'key.pem'), (error: Error) => {
        assert.match(error.message, words);
        assert.ok(!error.message.includes(CANARY));
        return true;
      });
    });
  }
});

test('a fingerprint is what ssh-keygen prints', () => {
  assert.equal(fingerprint(createPublicKey(SSH_PUBLIC_KEY)), SSH_FINGERPRINT);
});
