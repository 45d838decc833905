import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { suite, test } from 'node:test';
import type { TlsInput } from '../../../web/model/types.ts';
import { certificateOf, pkcs1, pkcs8, rsa } from '../../support/keys.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { choices, lines, makeCluster, model, opened, outputsOf, pasted } from './model-bed.ts';

const folder = temporaryFolder();
const prod = await makeCluster('prod');
const CHOSEN = choices([prod.named], { namespaces: ['shop'] });

function pair(certificate: string | Uint8Array, key: string): TlsInput {
  return { kind: 'tls', name: 'web', certificate: pasted(certificate).bytes, key: pasted(key).bytes };
}

async function messages(certificate: string | Uint8Array, key: string): Promise<string[]> {
  return lines((await model.plan(pair(certificate, key), CHOSEN)).messages);
}

/** Issues a certificate for any key with OpenSSL. */
function issued(key: KeyObject): string {
  const args = [
    'req',
    '-x509',
    '-new',
    '-key',
    folder.write('key.pem', pkcs8(key)),
    '-subj',
    '/CN=test',
    '-days',
    '100',
  ];
  return execFileSync('openssl', args, { encoding: 'utf8' });
}

const MISMATCH = ['error tls-key: the private key in tls.key does not belong to the certificate in tls.crt'];
const NO_KEY = ['error tls-key: tls.key holds no private key in PEM that can be read'];

suite('a TLS pair', () => {
  test('of RSA is sealed as it is, in PKCS#1 and PKCS#8, with a chain', async () => {
    const key = rsa();
    const chain = `${await certificateOf(key)}${await certificateOf(rsa())}`;
    for (const pem of [pkcs1(key), pkcs8(key)]) {
      assert.deepEqual(await messages(chain, pem), []);
      const [output] = outputsOf(await model.seal(pair(chain, pem), CHOSEN));
      assert.deepEqual(await opened(output?.text ?? '', prod.key), {
        'shop/web': { 'tls.crt': chain, 'tls.key': pem },
      });
    }
  });

  for (const namedCurve of ['P-256', 'P-384', 'P-521'])
    test(`of ${namedCurve} is checked, in SEC 1 and PKCS#8`, async () => {
      const { privateKey: key } = generateKeyPairSync('ec', { namedCurve });
      const { privateKey: another } = generateKeyPairSync('ec', { namedCurve });
      const certificate = issued(key);
      for (const type of ['sec1', 'pkcs8'] as const) {
        assert.deepEqual(await messages(certificate, key.export({ type, format: 'pem' }).toString()), []);
        assert.deepEqual(
          await messages(certificate, another.export({ type, format: 'pem' }).toString()),
          MISMATCH,
        );
      }
    });

  test('of Ed25519 is checked', async () => {
    const [{ privateKey: key }, { privateKey: another }] = [
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('ed25519'),
    ];
    assert.deepEqual(await messages(issued(key), pkcs8(key)), []);
    assert.deepEqual(await messages(issued(key), pkcs8(another)), MISMATCH);
  });

  test('of an algorithm that browsers lack has a note', async () => {
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    assert.deepEqual(await messages(issued(key), pkcs8(key)), [
      'note tls-key: this browser cannot check whether the private key belongs to the certificate',
    ]);
  });

  test('of two keys is refused, also of different algorithms', async () => {
    const certificate = await certificateOf(rsa());
    assert.deepEqual(await messages(certificate, pkcs8(rsa())), MISMATCH);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.deepEqual(await messages(certificate, pkcs8(privateKey)), MISMATCH);
    assert.deepEqual(await messages(issued(privateKey), pkcs1(rsa())), MISMATCH);
  });

  test('with an encrypted key is refused', async () => {
    const key = rsa();
    const locked = key
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    assert.deepEqual(await messages(await certificateOf(key), locked), [
      'error tls-key: tls.key holds an encrypted private key, which no server could use: decrypt it first, as with openssl pkey',
    ]);
  });

  test('that is no PEM, swapped or damaged is refused without its text', async () => {
    const key = rsa();
    const certificate = await certificateOf(key);
    const noCertificate = ['error tls-certificate: tls.crt holds no certificate in PEM that can be read'];
    assert.deepEqual(await messages(pkcs8(key), certificate), [...noCertificate, ...NO_KEY]);
    assert.deepEqual(
      await messages(Buffer.from(certificate.replace(/-----.*-----|\s/g, ''), 'base64'), pkcs8(key)),
      noCertificate,
    );
    assert.deepEqual(await messages('', ''), [...noCertificate, ...NO_KEY]);
    assert.deepEqual(await messages(certificate, ''), NO_KEY);
    assert.deepEqual(await messages(certificate, certificate), NO_KEY);
    assert.deepEqual(await messages(certificate, pkcs8(key).replace(/\n.{64}\n/, '\n')), NO_KEY);
    assert.deepEqual(
      await messages(certificate, '-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----'),
      NO_KEY,
    );
  });
});
