import { X509Certificate, type KeyObject } from 'node:crypto';
import { SealedSecretsError } from '../errors.ts';
import { fail } from './errors.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { allPem, firstPem } from './pem.ts';
import { privateKeyBlocks } from './private-key.ts';
import { checkStrongRsa } from './rsa.ts';

/** The part of a certificate that sealing needs: its public key and its validity. */
export interface Certificate {
  readonly pem: string;
  readonly publicKey: KeyObject;
  readonly fingerprint: Fingerprint;
  /** The RSA exponent; 65537 nearly everywhere. */
  readonly exponent: bigint;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Parses the first PEM certificate of a text (RFC 7468). Throws `NotACertificate`, and `NotRsa`, `WeakKey`, `HugeKey`
 * or `WeakExponent` for a key that is unfit to seal with.
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
  const { exponent } = checkStrongRsa(publicKey, at);
  return {
    // Re-encoded from DER: OpenSSL skips control characters between the lines, which a terminal would interpret. A slice
    // would also keep the whole text in memory.
    pem: certificate.toString(),
    publicKey,
    fingerprint: fingerprint(publicKey),
    exponent,
    notBefore: dateOf(certificate.validFrom, at),
    notAfter: dateOf(certificate.validTo, at),
  };
}

/** The most certificates of a text that are compared. Real chains are shorter. */
const MAX_COMPARED = 16;

/**
 * Returns the newest certificate of a text that is valid now and newer than the one in use; undefined if there is none.
 * Ignores certificates that issued others in the text, as in a chain.
 */
export function newerCertificate(text: string, used: Certificate, now: Date): Certificate | undefined {
  const all = allPem(text, ['CERTIFICATE'])
    .slice(0, MAX_COMPARED)
    .flatMap((pem) => parsed(pem) ?? []);
  const newer = all
    .filter(({ notBefore, notAfter }) => notBefore > used.notBefore && notBefore <= now && notAfter > now)
    .filter(({ fingerprint: own, publicKey }) => {
      const others = all.filter((each) => each.fingerprint !== own);
      return (
        own !== used.fingerprint && !others.some(({ pem }) => new X509Certificate(pem).verify(publicKey))
      );
    });
  return newer.toSorted((a, b) => b.notBefore.getTime() - a.notBefore.getTime())[0];
}

function parsed(pem: string): Certificate | undefined {
  try {
    return parseCertificate(pem, '');
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return undefined;
  }
}

/** Formats a time as `2026-01-01T00:00:00Z`. Dates in certificates have whole seconds. */
export function shortTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}

/**
 * Parses a date. Throws `NotACertificate` for a damaged one, since comparisons with an invalid Date are always false.
 */
function dateOf(text: string, at: string): Date {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? fail({ code: 'NotACertificate', at }) : date;
}

/** Throws `CertificateExpired` or `CertificateNotYetValid` for a certificate that is not valid now. */
export function checkValidity(certificate: Certificate, now: Date, at: string): void {
  if (now > certificate.notAfter)
    fail({ code: 'CertificateExpired', at, on: longDate(certificate.notAfter) });
  if (now < certificate.notBefore) {
    fail({ code: 'CertificateNotYetValid', at, from: certificate.notBefore.toISOString() });
  }
}

/** Formats a date as `January 1, 2021`, as in the reference's message, which scripts match. */
function longDate(date: Date): string {
  return new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}
