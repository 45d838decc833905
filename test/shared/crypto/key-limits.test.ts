import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { suite, test } from 'node:test';
import forge from 'node-forge';
import { utf8Bytes } from '../../../shared/bytes.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { openEnvelope } from '../../../shared/crypto/open-envelope.ts';
import { parseEnvelope, type Label } from '../../../shared/crypto/envelope.ts';
import { sealValue } from '../../../shared/crypto/seal-value.ts';
import { parsePrivateKey } from '../../../shared/crypto/private-key.ts';
import { certificateOf, pkcs8, rsa } from '../../support/keys.ts';

const LABEL = utf8Bytes('prod/db') as Label;

/** Returns a PKCS#1 key with a modulus of this size. It opens nothing: a real key would take minutes to make. */
function hollowKey(bits: number): string {
  const { asn1 } = forge;
  const modulus = Buffer.alloc(bits / 8 + 1, 0x5a);
  modulus.writeUInt16BE(0x00c3);
  const small = Buffer.from([3]);
  const integers = [
    Buffer.from([0]),
    modulus,
    Buffer.from([1, 0, 1]),
    small,
    small,
    small,
    small,
    small,
    small,
  ];
  const { UNIVERSAL } = asn1.Class;
  const sequence = asn1.create(
    UNIVERSAL,
    asn1.Type.SEQUENCE,
    true,
    integers.map((bytes) => asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, bytes.toString('binary'))),
  );
  const der = Buffer.from(asn1.toDer(sequence).getBytes(), 'binary').toString('base64');
  return `-----BEGIN RSA PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END RSA PRIVATE KEY-----\n`;
}

suite('the size of a key', () => {
  test('of 1024 bits opens old envelopes but seals nothing', async () => {
    const small = rsa(1024);
    const key = await parsePrivateKey(pkcs8(small), 'key.pem');
    const envelope = parseEnvelope(sealValue(Buffer.from('old'), createPublicKey(small), LABEL));
    assert.ok(envelope);
    assert.equal((await openEnvelope(envelope, key, LABEL))?.toString(), 'old');
    const certificate = await certificateOf(small);
    assert.throws(() => parseCertificate(certificate, 'cert.pem'), {
      message: 'cert.pem holds an RSA key of 1024 bits: at least 2048 are needed',
    });
  });

  for (const bits of [16392, 32768, 65536]) {
    test(`of ${bits} bits is refused before it is used`, async () => {
      await assert.rejects(parsePrivateKey(hollowKey(bits), 'key.pem'), {
        message: `key.pem holds an RSA key of ${bits} bits: at most 16384 are accepted`,
      });
      // OpenSSL 3.5, in Node 24, leaves an error behind, with which the next operation and every TLS connection failed.
      await parsePrivateKey(pkcs8(rsa()), 'next.pem');
    });
  }
});

suite('a PEM text that is slow to search', () => {
  // A certificate of up to 1 MiB comes from the network; a key Secret from any user who can write Secrets.
  async function isQuick(read: () => unknown): Promise<void> {
    const start = process.cpuUsage();
    await read();
    const { user } = process.cpuUsage(start);
    assert.ok(user < 2_000_000, `it took ${user} µs of CPU time`);
  }

  test('as a certificate is refused at once', async () => {
    const text = '-----BEGIN CERTIFICATE-----\n'.repeat(9000);
    await isQuick(() => assert.throws(() => parseCertificate(text, 'c'), /c holds no PEM certificate/));
  });

  test('as a private key is refused at once', async () => {
    const text = '-----BEGIN RSA PRIVATE KEY-----\n'.repeat(9000);
    await isQuick(() => assert.rejects(parsePrivateKey(text, 'k'), /k holds no private key/));
  });
});
