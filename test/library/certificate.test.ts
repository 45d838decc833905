import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../library/index.ts';
import { parseCertificate as parseWithNode } from '../../shared/crypto/parse-certificate.ts';
import { certificateOf, pkcs8, rsa } from '../support/keys.ts';
import { certificatePem } from '../support/vectors.ts';
import { rejectsWith } from './rejects-with.ts';

suite('parseCertificate', () => {
  test('reads what kubeseal reads', async () => {
    const certificate = await parseCertificate(certificatePem('c2048'));
    const { fingerprint, notBefore, notAfter, pem } = parseWithNode(certificatePem('c2048'), 'c2048');
    assert.deepEqual(Object.assign({}, certificate), { fingerprint, notBefore, notAfter, pem });
  });

  test('says that a private key is one, and shows nothing of it', async () => {
    const pem = pkcs8(rsa());
    const error = await rejectsWith('NotACertificate', parseCertificate(pem, { source: 'tls.key' }));
    assert.match(error.message, /^tls\.key holds a private key, not a certificate/);
    for (const line of pem.trim().split('\n').slice(1, -1)) assert.ok(!String(error.stack).includes(line));
  });

  test('refuses a weak key', async () => {
    await rejectsWith('WeakKey', parseCertificate(await certificateOf(rsa(1024))));
  });

  test('calls its input a certificate unless it has a name', async () => {
    await rejectsWith('NotACertificate', parseCertificate(''), { message: /^certificate holds no PEM/ });
  });

  test('throws TypeError for what is no text', async () => {
    await assert.rejects(parseCertificate(undefined as unknown as string), TypeError);
  });
});
