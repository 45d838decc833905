import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { checkValidity } from '../../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { parsePrivateKey } from '../../../shared/crypto/private-key.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { certificatePem, keyPem } from '../../support/vectors.ts';

function der(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*?-----|\n/g, ''), 'base64');
}

function pem(bytes: Buffer, type: string): string {
  return `-----BEGIN ${type}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${type}-----\n`;
}

const good = der(certificatePem('c2048'));

/** Returns the certificate with another text of the same length as its notAfter. */
function until(time: string): string {
  // Two UTCTimes follow each other: notBefore and notAfter.
  const at = good.indexOf(Buffer.from([0x17, 0x0d]), good.indexOf(Buffer.from([0x17, 0x0d])) + 1);
  assert.ok(at > 0);
  const changed = Buffer.from(good);
  changed.write(time, at + 2, 'latin1');
  return pem(changed, 'CERTIFICATE');
}

suite('a damaged certificate', () => {
  const now = new Date('2026-06-01T00:00:00Z');

  test('with another end of validity is read with that end', () => {
    const certificate = parseCertificate(until('200101000000Z'), 'c.pem');
    assert.throws(() => checkValidity(certificate, now, 'c.pem'), /expired certificate on January 1, 2020/);
  });

  for (const time of ['999999999999Z', '201301000000Z', 'hunter2-canar', '\0\0\0\0\0\0\0\0\0\0\0\0\0']) {
    test(`with a malformed end of validity (${JSON.stringify(time)}) never counts as valid`, () => {
      assert.throws(
        () => checkValidity(parseCertificate(until(time), 'c.pem'), now, 'c.pem'),
        (error: unknown) => {
          assert.ok(error instanceof SealedSecretsError);
          assert.match(error.message, /^c\.pem holds no PEM certificate|expired certificate/);
          assert.ok(!error.message.includes('hunter2'));
          return true;
        },
      );
    });
  }

  test('is refused with our own message or read with both dates, whichever byte is wrong', () => {
    for (let at = 0; at < good.length; at++) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      try {
        const { notBefore, notAfter } = parseCertificate(pem(changed, 'CERTIFICATE'), 'c.pem');
        assert.ok(!Number.isNaN(notBefore.getTime() + notAfter.getTime()), `byte ${at}: a date that is none`);
      } catch (error) {
        assert.ok(error instanceof SealedSecretsError, `byte ${at}: ${String(error)}`);
        assert.match(error.message, /^c\.pem holds [^\n]*$/);
      }
    }
  });
});

test('a damaged private key is refused with our own message, or read', async () => {
  const key = der(keyPem('c2048'));
  for (let at = 0; at < key.length; at += at < 64 ? 1 : 7) {
    const changed = Buffer.from(key);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    try {
      await parsePrivateKey(pem(changed, 'PRIVATE KEY'), 'k.pem');
    } catch (error) {
      assert.ok(error instanceof SealedSecretsError, `byte ${at}: ${String(error)}`);
      assert.match(error.message, /^k\.pem holds [^\n]*$/);
    }
  }
});
