import { checkValidity } from '../../shared/crypto/certificate.ts';
import { describe, SealedSecretsError } from '../../shared/errors.ts';
import { obtainCertificate } from '../certificate.ts';
import type { Context } from '../context.ts';
import type { Options } from '../options.ts';
import { writeText } from '../output.ts';

/** Prints the certificate to seal with, once it has been seen to be one. */
export async function fetchCertMode(options: Options, context: Context): Promise<void> {
  const { certificate, from } = await obtainCertificate(options, context);
  try {
    checkValidity(certificate, context.clock.now(), from);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    context.note(`warning: ${describe(error.failure)}`);
  }
  await writeText(certificate.pem, options, false);
}
