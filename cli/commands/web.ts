import { dayOf } from '../../shared/input/certificate-warnings.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { readTemplate } from '../../shared/web-page/template.ts';
import { forCluster } from '../config/certificate-options.ts';
import { clusterNamed } from '../config/cluster-of.ts';
import { findConfig } from '../config/find-config.ts';
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
import {
  certificateSources,
  obtainNamed,
  type CertificateSource,
  type ResolvedSource,
} from '../sealing/named-certificates.ts';
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

/**
 * Adds the options to obtain each certificate: those of the cluster in `.kubeseal.yaml` that has the name, else those of the
 * flags. Throws `Usage` if the flags are for several names, and `NoSuchCluster` for a name without a certificate that no
 * cluster has.
 */
async function resolveSources(options: WebOptions, context: CliContext): Promise<readonly ResolvedSource[]> {
  const { sources, choosesCluster, sealedSecretFile } = options;
  const config = choosesCluster ? undefined : await findConfig(sealedSecretFile, options, context);
  const clusters = config?.clusters ?? [];
  const resolved = sources.map(({ name, cert }) => {
    if (cert !== undefined) return { name, isOfFlags: false, options: { ...options, cert } };
    // Only flags can give another name a certificate.
    const isCluster =
      options.cert === undefined ? clusters.length > 0 : clusters.some((each) => each.name === name);
    if (config === undefined || name === undefined || !isCluster) return { name, isOfFlags: true, options };
    return { name, isOfFlags: false, options: forCluster(options, clusterNamed(config, name)) };
  });
  if (resolved.filter(({ isOfFlags }) => isOfFlags).length > 1)
    usageError('web: only one name can be without a certificate: write NAME=CERTFILE for the others');
  return resolved;
}

async function writePage(options: WebOptions, context: CliContext): Promise<void> {
  const certificates = await obtainNamed(await resolveSources(options, context), context);
  await writeText(fillPage(readTemplate(), { mode: 'offline', certificates }), options, false);
  for (const { name, certificate, from } of certificates) {
    const until = dayOf(certificate.notAfter);
    context.warn(`(seals for ${name} with ${certificate.fingerprint}, valid until ${until}, from ${from})`);
  }
}
