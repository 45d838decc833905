import type { Certificate } from './certificate.ts';

/** The most certificates of a text that are compared. Real chains are shorter. */
export const MAX_COMPARED = 16;

/** Returns the certificates that are valid now, newer than the one in use, and of another key; the newest first. */
export function newerThan(
  used: Certificate,
  others: readonly Certificate[],
  now: Date,
): readonly Certificate[] {
  return others
    .filter(({ notBefore, notAfter }) => notBefore > used.notBefore && notBefore <= now && notAfter > now)
    .filter(({ fingerprint }) => fingerprint !== used.fingerprint)
    .toSorted((a, b) => b.notBefore.getTime() - a.notBefore.getTime());
}
