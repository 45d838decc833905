import { SealedSecretsError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import { parseCertificate } from './parse-certificate.ts';
import { allPem } from './pem.ts';

/** Returns the first certificates of a text. Ignores those that cannot be sealed with. */
export function certificatesIn(text: string, max: number): readonly Certificate[] {
  return allPem(text, ['CERTIFICATE'])
    .slice(0, max)
    .flatMap((pem) => parsed(pem) ?? []);
}

function parsed(pem: string): Certificate | undefined {
  try {
    return parseCertificate(pem, '');
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return undefined;
  }
}
