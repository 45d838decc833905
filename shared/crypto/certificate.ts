import { X509Certificate, type KeyObject } from 'node:crypto';
import { fail, SealedSecretsError } from '../errors.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { allPem, firstPem } from './pem.ts';
import { privateKeyBlocks } from './private-key.ts';
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

/** How many certificates of a text are compared. A chain of more is not in use. */
const MAX_COMPARED = 16;

/**
 * Returns the newest certificate of a text that is valid now, where it is newer than the one that is used. Those that
 * issued others in the text, as in a chain, do not count.
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

/** `2026-01-01T00:00:00Z`: the dates of certificates have whole seconds. */
export function shortTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
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
