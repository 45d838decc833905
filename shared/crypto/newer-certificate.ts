import { X509Certificate } from 'node:crypto';
import { SealedSecretsError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import { MAX_COMPARED, newerThan } from './newer-than.ts';
import { parseCertificate } from './parse-certificate.ts';
import { allPem } from './pem.ts';

/**
 * Returns the newest certificate of a text that is valid now and newer than the one in use; undefined if there is none.
 * Ignores certificates that issued others in the text, as in a chain.
 */
export function newerCertificate(text: string, used: Certificate, now: Date): Certificate | undefined {
  const all = allPem(text, ['CERTIFICATE'])
    .slice(0, MAX_COMPARED)
    .flatMap((pem) => parsed(pem) ?? []);
  return newerThan(used, all, now).find((each) => {
    const others = all.filter(({ fingerprint }) => fingerprint !== each.fingerprint);
    return !others.some((other) => isIssuer(each, other));
  });
}

/** Returns whether the key of a certificate signed another one. */
function isIssuer(issuer: Certificate, issued: Certificate): boolean {
  return new X509Certificate(issued.pem).verify(new X509Certificate(issuer.pem).publicKey);
}

function parsed(pem: string): Certificate | undefined {
  try {
    return parseCertificate(pem, '');
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return undefined;
  }
}
