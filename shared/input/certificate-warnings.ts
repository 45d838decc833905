import { shortTime, type Certificate } from '../crypto/certificate.ts';
import { counted } from '../text.ts';

const USUAL_EXPONENT = 65537n;
const DAY = 24 * 60 * 60 * 1000;
/** How long before its expiry to warn about a certificate, in ms. */
const EXPIRY_WARNING = 30 * DAY;

/**
 * Returns a warning if a valid certificate expires soon; undefined if it does not.
 *
 * @param from where the certificate came from
 */
export function expiryWarning(
  { fingerprint, notAfter }: Certificate,
  now: Date,
  from: string,
): string | undefined {
  const remaining = notAfter.getTime() - now.getTime();
  if (remaining >= EXPIRY_WARNING) return undefined;
  const days = counted(Math.floor(remaining / DAY), 'day');
  return `the certificate ${fingerprint} expires on ${dayOf(notAfter)}, in ${days} (${from})`;
}

/** Returns a warning if the key of a certificate has another public exponent than nearly all keys. */
export function exponentWarning({ publicKey: { exponent } }: Certificate): string | undefined {
  return exponent === USUAL_EXPONENT
    ? undefined
    : `the certificate's key has the unusual public exponent ${exponent}`;
}

/** Returns a warning that a file has a newer certificate than its first one, which is used. */
export function newerWarning(used: Certificate, newer: Certificate, from: string): string {
  return (
    `${from} holds several certificates; using the first, ${used.fingerprint}, valid from ` +
    `${shortTime(used.notBefore)}, although ${newer.fingerprint} is newer, valid from ${shortTime(newer.notBefore)}`
  );
}

/** Formats the day of a time in UTC, as `2026-01-01`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 'YYYY-MM-DD'.length);
}
