import { checkValidity } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { obtainCertificate } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import {
  certificateOptions,
  outputOptions,
  type CertificateOptions,
  type OutputOptions,
} from '../flags/options.ts';
import { writeText } from '../io/output.ts';
import { configured } from '../config/configured.ts';
import { defineCommand } from './command.ts';

interface FetchCertOptions extends CertificateOptions, OutputOptions {
  readonly command: 'fetch-cert';
}

/** `--fetch-cert`: prints the certificate to seal with. */
export const fetchCert = defineCommand<FetchCertOptions>({
  name: 'fetch-cert',
  options: (flags) => ({ command: 'fetch-cert', ...certificateOptions(flags), ...outputOptions(flags) }),
  run: async (options, context) => {
    const path = options.sealedSecretFile;
    await printCertificate(await configured(options, { path, needs: 'controller' }, context), context);
  },
});

/** Prints the certificate after parsing it. An expired one is printed with a warning. */
async function printCertificate(options: FetchCertOptions, context: CliContext): Promise<void> {
  const { certificate, from } = await obtainCertificate(options, context);
  try {
    checkValidity(certificate, context.clock.now(), from);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    context.warn(`warning: ${error.failure.describe()}`);
  }
  await writeText(certificate.pem, options, false);
}
