import { dayOf } from '../../shared/input/certificate-warnings.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { readTemplate } from '../../shared/web-page/template.ts';
import type { CliContext } from '../context.ts';
import {
  certificateOptions,
  outputOptions,
  wordsOf,
  type CertificateOptions,
  type OutputOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { writeText } from '../io/output.ts';
import { certificateSources, obtainNamed, type CertificateSource } from '../sealing/named-certificates.ts';
import { defineCommand } from './command.ts';

interface WebOptions extends CertificateOptions, OutputOptions {
  readonly command: 'web';
  readonly sources: readonly CertificateSource[];
}

/** `web`: writes the page that seals in a browser, with certificates inside. The page connects to nothing. */
export const web = defineCommand<WebOptions>({ name: 'web', options: webOptions, run: writePage });

function webOptions(flags: ParsedFlags): WebOptions {
  const sources = certificateSources(wordsOf(flags));
  if (flags.typed('cert') && sources.every(({ cert }) => cert !== undefined))
    usageError('web: --cert is the certificate of a NAME without a file, and there is none');
  if (flags.text('cert-fingerprint') !== undefined && sources.length > 1)
    usageError('web: --cert-fingerprint is about one certificate, and there are several');
  if (!flags.has('sealed-secret-file') && process.stdout.isTTY)
    usageError('web: the page is for a browser: write it to a file with -w seal.html');
  return { command: 'web', ...certificateOptions(flags), ...outputOptions(flags), sources };
}

async function writePage(options: WebOptions, context: CliContext): Promise<void> {
  const certificates = await obtainNamed(options.sources, options, context);
  await writeText(fillPage(readTemplate(), { mode: 'offline', certificates }), options, false);
  for (const { name, certificate, from } of certificates) {
    const until = dayOf(certificate.notAfter);
    context.warn(`(seals for ${name} with ${certificate.fingerprint}, valid until ${until}, from ${from})`);
  }
}
