import { X509Certificate, type KeyObject } from 'node:crypto';
import { fail } from '../errors.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { firstPem } from './pem.ts';
import { checkStrongRsa } from './rsa.ts';

/** A certificate as far as sealing needs it: its public key and when it may be used. */
export interface Certificate {
  readonly pem: string;
  readonly publicKey: KeyObject;
  readonly fingerprint: Fingerprint;
  /** Of the RSA key; 65537 nearly everywhere. */
  readonly exponent: bigint;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Reads the first PEM certificate of the text (RFC 7468) and refuses a key that is unfit to seal with. Throws
 * `NotACertificate`, `NotRsa`, `WeakKey`, `HugeKey` or `WeakExponent`.
 */
export function parseCertificate(text: string, at: string): Certificate {
  const pem = firstPem(text, ['CERTIFICATE']) ?? fail({ code: 'NotACertificate', at });
  let certificate: X509Certificate;
  let publicKey: KeyObject;
  try {
    certificate = new X509Certificate(pem);
    publicKey = certificate.publicKey;
  } catch {
    return fail({ code: 'NotACertificate', at });
  }
  const { exponent } = checkStrongRsa(publicKey, at);
  return {
    // Written again from its bytes: OpenSSL skips control characters between the lines, and a terminal obeys them.
    // A slice would also keep the whole text in memory.
    pem: certificate.toString(),
    publicKey,
    fingerprint: fingerprint(publicKey),
    exponent,
    notBefore: dateOf(certificate.validFrom, at),
    notAfter: dateOf(certificate.validTo, at),
  };
}

/** A damaged date is no date, and nothing is ever before or after it. */
function dateOf(text: string, at: string): Date {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? fail({ code: 'NotACertificate', at }) : date;
}

/** Refuses a certificate that is not valid now: `CertificateExpired` or `CertificateNotYetValid`. */
export function checkValidity(certificate: Certificate, now: Date, at: string): void {
  if (now > certificate.notAfter)
    fail({ code: 'CertificateExpired', at, on: longDate(certificate.notAfter) });
  if (now < certificate.notBefore) {
    fail({ code: 'CertificateNotYetValid', at, from: certificate.notBefore.toISOString() });
  }
}

/** `January 1, 2021`: scripts match the reference's message, which has the date in this form. */
function longDate(date: Date): string {
  return new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}
