import type { Certificate } from '../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { allPem } from '../../shared/crypto/pem.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { Suspect } from '../../shared/inspect/explanation.ts';
import type { CliContext } from '../context.ts';
import { certificateText } from '../sealing/certificate.ts';

/**
 * Reads the certificates of all files and URLs of `--cert`; a file may hold several. Each key is returned once. Throws
 * as `parseCertificate` does if the first certificate of a file cannot be sealed with; ignores such ones behind it, as
 * in a chain.
 */
export async function readSuspects(
  certs: readonly string[],
  context: CliContext,
): Promise<readonly Suspect[]> {
  const suspects = new Map<string, Suspect>();
  for (const cert of certs) {
    const { text, from } = await certificateText(cert, context);
    const [, ...more] = allPem(text, ['CERTIFICATE']);
    for (const certificate of [parseCertificate(text, from), ...more.flatMap((pem) => orNone(pem, from))]) {
      if (suspects.has(certificate.fingerprint)) continue;
      suspects.set(certificate.fingerprint, { certificate, from });
    }
  }
  return [...suspects.values()];
}

function orNone(pem: string, from: string): readonly Certificate[] {
  try {
    return [parseCertificate(pem, from)];
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return [];
  }
}
