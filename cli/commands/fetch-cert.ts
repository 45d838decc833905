import { checkValidity } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { obtainCertificate } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import type { Options } from '../flags/options.ts';
import { writeText } from '../io/output.ts';

/** Prints the certificate to seal with after parsing it. An expired one is printed with a warning. */
export async function fetchCertCommand(options: Options, context: CliContext): Promise<void> {
  const { certificate, from } = await obtainCertificate(options, context);
  try {
    checkValidity(certificate, context.clock.now(), from);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    context.warn(`warning: ${error.failure.describe()}`);
  }
  await writeText(certificate.pem, options, false);
}
