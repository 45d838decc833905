import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { suite, test } from 'node:test';
import forge from 'node-forge';
import { checkValidity, type Certificate } from '../../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { fingerprint, modulusOf } from '../../../shared/crypto/rsa.ts';
import { parseCertificate as parseOnTheWeb } from '../../../shared/crypto/web/parse-certificate.ts';
import { makeKeyPair, selfSign } from '../../../shared/crypto/key-pair.ts';
import { TAG } from '../../../shared/x509/der-read.ts';
import { bitString, encode, integer, oid, sequence } from '../../../shared/x509/der.ts';
import { nameDer, RSA_SHA256, signCertificate } from '../../../shared/x509/certificate.ts';
import { certificateOf, DAY, pkcs1, rsa } from '../../support/keys.ts';

const NOW = new Date('2026-06-01T12:00:00Z');

/** Returns a certificate for any public key, signed by another key: sealing does not check the signature. */
function certificateAround(spki: Buffer, signer: KeyObject): string {
  const name = nameDer(Buffer.from('any'));
  const time = { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  const certificate = signCertificate(
    {
      serial: 1n,
      issuer: name,
      notBefore: time,
      notAfter: { ...time, year: 2036 },
      subject: name,
      publicKey: spki,
      extensions: [],
    },
    signer,
    RSA_SHA256,
  );
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** Returns the public key of an RSA key with another exponent. */
function withExponent(key: KeyObject, exponent: number): Buffer {
  const { n } = key.export({ format: 'jwk' });
  const e = Buffer.from([exponent]).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n: n ?? '', e }, format: 'jwk' }).export({
    type: 'spki',
    format: 'der',
  });
}

/** Returns a public key with an exponent for which Node takes minutes to show its details. */
function withHugeExponent(key: KeyObject): Buffer {
  const { n = '' } = key.export({ format: 'jwk' });
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
  const numbers = sequence(integer(modulus), integer((1n << 2_400_000n) + 1n));
  return sequence(sequence(oid('1.2.840.113549.1.1.1'), encode(TAG.null)), bitString(numbers));
}

/** The two parsers of certificates: of Node, and of browsers. */
const PARSERS: readonly [string, (text: string, at: string) => Promise<Certificate>][] = [
  ['OpenSSL', async (text, at) => Promise.resolve(parseCertificate(text, at))],
  ['WebCrypto', parseOnTheWeb],
];

for (const [library, parse] of PARSERS) {
  suite(`a sealing certificate, parsed with ${library}`, () => {
    const signer = rsa();

    test('is the first certificate of its file', async () => {
      const first = rsa();
      const text = `# ours\n${await certificateOf(first)}${await certificateOf(signer)}`;
      const certificate = await parse(text, 'cert.pem');
      assert.equal(certificate.fingerprint, fingerprint(createPublicKey(first)));
      assert.deepEqual(Buffer.from(certificate.publicKey.modulus), modulusOf(createPublicKey(first)));
      assert.equal(certificate.publicKey.exponent, 65537n);
    });

    test('may have the exponent 3', async () => {
      const certificate = await parse(await certificateOf(rsa(2048, 3)), 'cert.pem');
      assert.equal(certificate.publicKey.exponent, 3n);
    });

    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const refusals: [string, string, RegExp][] = [
      ['of an EC key', certificateAround(spki(ec), signer), /cert.pem holds a key of type ec, not RSA$/],
      ['of 1024 bits', certificateAround(spki(rsa(1024)), signer), /RSA key of 1024 bits: at least 2048/],
      ['with the exponent 1', certificateAround(withExponent(signer, 1), signer), /unsafe public exponent/],
      [
        'with an exponent of 300 KB',
        certificateAround(withHugeExponent(signer), signer),
        /unsafe public exponent/,
      ],
      ['with an even exponent', certificateAround(withExponent(signer, 4), signer), /unsafe public exponent/],
      [
        'in name only',
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
        /holds no PEM certificate/,
      ],
      [
        'that is a key',
        rsa().export({ type: 'pkcs1', format: 'pem' }).toString(),
        /holds a private key, not a certificate/,
      ],
      ['that is nothing', '', /holds no PEM certificate/],
    ];
    for (const [what, text, words] of refusals) {
      test(`is refused ${what}`, () => assert.rejects(parse(text, 'cert.pem'), words));
    }

    test('is refused before and after its validity', async () => {
      const certificate = await parse(await certificateOf(signer, { notBefore: NOW, validity: DAY }), 'c');
      assert.doesNotThrow(() => checkValidity(certificate, new Date(NOW.getTime() + 1000), 'c'));
      assert.throws(
        () => checkValidity(certificate, new Date(NOW.getTime() - 1000), 'c'),
        /not valid before 2026-06-01T12:00/,
      );
      assert.throws(
        () => checkValidity(certificate, new Date(NOW.getTime() + 2 * DAY), 'c'),
        /: failed to encrypt using an expired certificate on June 2, 2026/,
      );
    });
  });
}

suite('a new sealing key', () => {
  test("has the form of the reference's keys", async () => {
    const validity = 3650 * DAY;
    const pair = await makeKeyPair({ bits: 2048, commonName: 'me', notBefore: NOW, validity });
    assert.match(pair.privateKey, /^-----BEGIN RSA PRIVATE KEY-----\n/);
    const certificate = new X509Certificate(pair.certificate);
    assert.ok(certificate.verify(certificate.publicKey), 'signed by its own key');
    assert.ok(certificate.checkPrivateKey(createPrivateKey(pair.privateKey)));
    assert.equal(certificate.subject, 'CN=me');
    assert.equal(certificate.issuer, 'CN=me');
    assert.equal(new Date(certificate.validFrom).getTime(), NOW.getTime());
    assert.equal(new Date(certificate.validTo).getTime(), NOW.getTime() + validity);
    const { extensions } = forge.pki.certificateFromPem(pair.certificate);
    assert.deepEqual(extensions.map(flags), [
      ['basicConstraints', 'cA', 'critical'],
      ['keyUsage', 'critical', 'encipherOnly'],
    ]);
  });

  for (const [what, commonName, days] of [
    ['without a common name', '', 10],
    ['with a common name', 'Team A (prod)', 3650],
    ['that is valid beyond 2050', 'me', 20_000],
  ] as const) {
    test(`has the bytes that node-forge writes, ${what}`, () => {
      const key = rsa();
      const pem = selfSign(key, { commonName, notBefore: NOW, validity: days * DAY });
      const { pki, md } = forge;
      const certificate = pki.createCertificate();
      certificate.publicKey = pki.publicKeyFromPem(
        createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
      );
      certificate.serialNumber = new X509Certificate(pem).serialNumber.toLowerCase();
      certificate.validity.notBefore = NOW;
      certificate.validity.notAfter = new Date(NOW.getTime() + days * DAY);
      const subject = commonName === '' ? [] : [{ shortName: 'CN', value: commonName }];
      certificate.setSubject(subject);
      certificate.setIssuer(subject);
      certificate.setExtensions([
        { name: 'basicConstraints', critical: true, cA: true },
        { name: 'keyUsage', critical: true, encipherOnly: true },
      ]);
      certificate.sign(pki.privateKeyFromPem(pkcs1(key)), md.sha256.create());
      assert.equal(pem, pki.certificateToPem(certificate).replaceAll('\r\n', '\n'));
    });
  }

  test('has a common name of any language', () => {
    const pem = selfSign(rsa(), { commonName: 'Schlüssel 鍵', notBefore: NOW, validity: DAY });
    assert.equal(new X509Certificate(pem).subject, 'CN=Schlüssel 鍵');
  });

  test('has a random serial of 128 bits', async () => {
    const key = rsa();
    const serials = await Promise.all(
      Array.from({ length: 20 }, async () => new X509Certificate(await certificateOf(key)).serialNumber),
    );
    assert.equal(new Set(serials).size, 20);
    for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
  });
});

/** Returns the name of an extension and its settings. */
function flags(extension: object): string[] {
  const entries = Object.entries(extension);
  const name = entries.find(([key]) => key === 'name')?.[1] as unknown;
  const set = entries.filter(([, value]) => value === true).map(([key]) => key);
  return [String(name), ...set.sort()];
}
