import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import { parseCertificate as parseWithOpenSsl } from '../../../shared/crypto/parse-certificate.ts';
import { parseCertificate } from '../../../shared/crypto/web/parse-certificate.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { readCertificate } from '../../../shared/x509/certificate-read.ts';
import { certificateOf, DAY, rsa } from '../../support/keys.ts';

/** Returns what a parser makes of a text: the certificate without its methods, or the code of the failure. */
async function outcomeOf(parse: () => Certificate | Promise<Certificate>): Promise<unknown> {
  try {
    const { pem, fingerprint, notBefore, notAfter, publicKey } = await parse();
    const { modulus, exponent } = publicKey;
    return { pem, fingerprint, notBefore, notAfter, modulus: Buffer.from(modulus), exponent };
  } catch (error) {
    if (error instanceof SealedSecretsError) return error.failure.details;
    throw error;
  }
}

const own = await certificateOf(rsa());
const late = await certificateOf(rsa(), { notBefore: new Date('2049-12-31T00:00:00Z'), validity: 900 * DAY });

suite('a certificate, parsed for a browser', () => {
  test('is the one that OpenSSL parses, for every public authority of Node', async () => {
    assert.ok(rootCertificates.length > 100);
    for (const pem of [...rootCertificates, own, late]) {
      const wanted = await outcomeOf(() => parseWithOpenSsl(pem, 'root'));
      assert.deepEqual(await outcomeOf(() => parseCertificate(pem, 'root')), wanted);
    }
  });

  test('never differs from that of OpenSSL if any byte is changed', async () => {
    const der = Buffer.from(own.replace(/-----.*-----|\s/g, ''), 'base64');
    let both = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ change;
        const pem = `-----BEGIN CERTIFICATE-----\n${changed.toString('base64')}\n-----END CERTIFICATE-----\n`;
        const [ours, theirs] = [
          await outcomeOf(() => parseCertificate(pem, 'c')),
          await outcomeOf(() => parseWithOpenSsl(pem, 'c')),
        ];
        if (isFailure(ours) || isFailure(theirs)) return;
        both++;
        assert.deepEqual(ours, theirs);
      }),
      { seed: 1, numRuns: 2_000 },
    );
    assert.ok(both > 100, `${both} certificates are read by both`);
  });

  test('is refused if it is cut anywhere', () => {
    const der = new Uint8Array(Buffer.from(own.replace(/-----.*-----|\s/g, ''), 'base64'));
    assert.ok(readCertificate(der));
    for (let length = 0; length < der.length; length++)
      assert.equal(readCertificate(der.subarray(0, length)), null, `cut to ${length} bytes`);
  });
});

function isFailure(outcome: unknown): boolean {
  return typeof outcome === 'object' && outcome !== null && 'code' in outcome;
}
