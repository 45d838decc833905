import { readCertificate, readPublicKey } from '../../x509/certificate-read.ts';
import { encodePem } from '../../x509/pem.ts';
import type { Certificate } from '../certificate.ts';
import { fail } from '../errors.ts';
import { formatFingerprint, sshWireFormat } from '../fingerprint.ts';
import { firstPem, pemBytes } from '../pem.ts';
import { privateKeyBlocks } from '../private-key-pem.ts';
import { checkedSize, checkStrength } from '../strength.ts';
import { webPublicKey } from './public-key.ts';

/**
 * Parses the first PEM certificate of a text (RFC 7468) with WebCrypto, where `../parse-certificate.ts` has OpenSSL.
 * Rejects with `NotACertificate`, and `NotRsa`, `WeakKey`, `HugeKey` or `WeakExponent` for a key that is unfit to seal
 * with.
 *
 * @param at the source of the text, for errors
 */
export async function parseCertificate(text: string, at: string): Promise<Certificate> {
  const pem = firstPem(text, ['CERTIFICATE']);
  if (pem === undefined) {
    return fail({ code: 'NotACertificate', at, privateKey: privateKeyBlocks(text).length > 0 });
  }
  const der = pemBytes(pem);
  const certificate = der && readCertificate(der);
  const key = certificate && readPublicKey(certificate.publicKey);
  if (!der || !certificate || !key) return fail({ code: 'NotACertificate', at });
  if (!('numbers' in key)) return fail({ code: 'NotRsa', at, type: key.type });
  const { modulus } = key.numbers;
  const size = checkedSize(key.numbers, at);
  checkStrength(size, at);
  const wire = sshWireFormat(key.numbers.exponent, modulus);
  const [hash, publicKey] = await Promise.all([
    globalThis.crypto.subtle.digest('SHA-256', wire),
    webPublicKey({ der: certificate.publicKey, modulus, exponent: size.exponent }).catch(() =>
      fail({ code: 'NotACertificate', at }),
    ),
  ]);
  const { notBefore, notAfter } = certificate;
  const fingerprint = formatFingerprint(new Uint8Array(hash));
  return { pem: encodePem({ type: 'CERTIFICATE', der }), publicKey, fingerprint, notBefore, notAfter };
}
