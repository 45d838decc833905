import { X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { certificatesIn } from './certificates-in.ts';
import { MAX_COMPARED, newerThan } from './newer-than.ts';

/**
 * Returns the newest certificate of a text that is valid now and newer than the one in use; undefined if there is none.
 * Ignores certificates that issued others in the text, as in a chain.
 */
export function newerCertificate(text: string, used: Certificate, now: Date): Certificate | undefined {
  const all = certificatesIn(text, MAX_COMPARED);
  return newerThan(used, all, now).find((each) => {
    const others = all.filter(({ fingerprint }) => fingerprint !== each.fingerprint);
    return !others.some((other) => isIssuer(each, other));
  });
}

/** Returns whether the key of a certificate signed another one. */
function isIssuer(issuer: Certificate, issued: Certificate): boolean {
  return new X509Certificate(issued.pem).verify(new X509Certificate(issuer.pem).publicKey);
}
