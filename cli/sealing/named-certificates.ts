import { basename, extname } from 'node:path';
import type { NamedCertificate } from '../../shared/web-page/fill.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { CliContext } from '../context.ts';
import type { CertificateOptions } from '../flags/options.ts';
import { shellWord } from '../flags/shell-word.ts';
import { usageError } from '../flags/usage-error.ts';
import { obtainCheckedCertificate } from './certificate.ts';

/** A certificate to put into a page. */
export interface CertificateSource {
  /** The name of its cluster; undefined for one of `nameOf`. */
  readonly name: string | undefined;
  /** A file or URL; undefined for that of `--cert`, or of the cluster. */
  readonly cert: string | undefined;
}

/** A certificate to put into a page, and the options to obtain it. */
export interface ResolvedSource {
  readonly name: string | undefined;
  readonly options: CertificateOptions;
}

/** A certificate with the name of its cluster. */
export interface ObtainedCertificate extends NamedCertificate {
  readonly certificate: Certificate;
  /** Where it came from, for messages. */
  readonly from: string;
}

/** What people call clusters, such as `prod` or `team a/eu-1`. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M} ._:/@-]{0,62})$/u;
/** What is no name, but a certificate whose name was forgotten. */
const CERTIFICATE_FILE = /\.(pem|crt|cer)$/i;

/** Reads words such as `prod` and `staging=staging.pem`. Without words there is one certificate. Throws `Usage`. */
export function certificateSources(words: readonly string[]): readonly CertificateSource[] {
  if (words.length === 0) return [{ name: undefined, cert: undefined }];
  const sources = words.map(sourceOf);
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) usageError(`web: there are two certificates of the name "${twice}"`);
  return sources;
}

function sourceOf(word: string): CertificateSource {
  const [name = '', ...rest] = word.split('=');
  const cert = rest.length === 0 ? undefined : rest.join('=');
  if (!NAME.test(name))
    usageError(
      `web: ${JSON.stringify(name)} is not a name for a cluster: use at most 63 letters, digits, spaces and . _ - : / @`,
    );
  if (cert === undefined && CERTIFICATE_FILE.test(name))
    usageError(`web: put a name before the file of the certificate: NAME=${shellWord(name)}`);
  if (cert === '') usageError(`web: a file or URL is required behind "${name}="`);
  return { name, cert };
}

/** Obtains the certificates, one after the other, as those to seal with: each is valid now, and strong enough. */
export async function obtainNamed(
  sources: readonly ResolvedSource[],
  context: CliContext,
): Promise<readonly ObtainedCertificate[]> {
  const obtained: ObtainedCertificate[] = [];
  for (const { name: given, options } of sources) {
    const { certificate, from } = await obtainCheckedCertificate(options, context);
    const name = given ?? (await nameOf(options, context));
    obtained.push({ name, pem: certificate.pem, certificate, from });
  }
  return obtained;
}

/** Returns the name of a cluster that the user did not name: that of its file, its URL's host or its context. */
async function nameOf({ cert, cluster }: CertificateOptions, context: CliContext): Promise<string> {
  if (cert !== undefined)
    return /^https?:\/\//i.test(cert) ? new URL(cert).hostname : basename(cert, extname(cert));
  if (cluster.context !== undefined) return cluster.context;
  const { loadKubeconfig } = await import('../../shared/kubernetes/auth/kubeconfig/load.ts');
  const { config } = await loadKubeconfig(cluster.kubeconfig, context.environment);
  return config.currentContext || 'cluster';
}
