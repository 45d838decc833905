import { X509Certificate, type KeyObject } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { fail } from './errors.ts';
import { firstPem } from './pem.ts';
import { privateKeyBlocks } from './private-key-pem.ts';
import { fingerprint, strongPublicKey } from './rsa.ts';

/**
 * Parses the first PEM certificate of a text (RFC 7468). Throws `NotACertificate`, and `NotRsa`, `WeakKey`, `HugeKey`
 * or `WeakExponent` for a key that is unfit to seal with. `web/parse-certificate.ts` does the same in a browser.
 *
 * @param at the source of the text, for errors
 */
export function parseCertificate(text: string, at: string): Certificate {
  const pem = firstPem(text, ['CERTIFICATE']);
  if (pem === undefined) {
    return fail({ code: 'NotACertificate', at, privateKey: privateKeyBlocks(text).length > 0 });
  }
  let certificate: X509Certificate;
  let publicKey: KeyObject;
  try {
    certificate = new X509Certificate(pem);
    publicKey = certificate.publicKey;
  } catch {
    return fail({ code: 'NotACertificate', at });
  }
  return {
    publicKey: strongPublicKey(publicKey, at),
    // Re-encoded from DER: OpenSSL skips control characters between the lines, which a terminal would interpret. A slice
    // would also keep the whole text in memory.
    pem: certificate.toString(),
    fingerprint: fingerprint(publicKey),
    notBefore: dateOf(certificate.validFrom, at),
    notAfter: dateOf(certificate.validTo, at),
  };
}

/**
 * Parses a date. Throws `NotACertificate` for a damaged one, since comparisons with an invalid Date are always false.
 */
function dateOf(text: string, at: string): Date {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? fail({ code: 'NotACertificate', at }) : date;
}
