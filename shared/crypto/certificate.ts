import { fail } from './errors.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { PublicKey } from './public-key.ts';

/** The part of a certificate that sealing needs: its public key and its validity. */
export interface Certificate {
  readonly pem: string;
  readonly publicKey: PublicKey;
  readonly fingerprint: Fingerprint;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Formats a time as `2026-01-01T00:00:00Z`. Dates in certificates have whole seconds. */
export function shortTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
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
