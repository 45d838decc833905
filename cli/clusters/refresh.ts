import { checkValidity, type Certificate } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { dayOf, expiryWarning } from '../../shared/input/certificate-warnings.ts';
import { withController } from '../config/certificate-options.ts';
import type { ClusterConfig } from '../config/config.ts';
import { shownPath } from '../config/shown-path.ts';
import type { CliContext } from '../context.ts';
import type { ControllerOptions } from '../flags/options.ts';
import { fail } from '../errors.ts';
import { replaceFile } from '../io/output.ts';
import { certificateText, obtainCertificate } from '../sealing/certificate.ts';
import type { RefreshableCluster } from './refreshable.ts';
import { withNewest } from './certificate-file.ts';
import { describe, describeChange, describeCurrent, type Certificates } from './refresh-text.ts';

/** The options of a certificate of which nothing is known but its cluster. */
const ANY_CERTIFICATE = {
  cert: undefined,
  certFingerprint: undefined,
  warnUnverifiedBackup: false,
  verbosity: 0,
  config: undefined,
  choosesCluster: true,
  scopes: undefined,
};

/** What was found out about the certificate of a cluster. */
export interface Refreshed {
  /** One line: what changed, or what is wrong. */
  readonly line: string;
  /** Whether there is something to do: the file is not current, or the certificate is about to expire. */
  readonly isDue: boolean;
}

/**
 * Fetches the certificate of a cluster and compares it with the first one of its file. Unless `check` is set, puts it
 * first in the file, with the others below. Throws as `obtainCertificate` does, and what reading and writing the file
 * throw.
 */
export async function refreshCertificate(
  { config, file: path }: RefreshableCluster,
  { check, options }: { readonly check: boolean; readonly options: ControllerOptions },
  context: CliContext,
): Promise<Refreshed> {
  const certificateOptions = { ...options, ...ANY_CERTIFICATE };
  const { certificate: newest, from } = await obtainCertificate(
    withController(certificateOptions, config),
    context,
  );
  const now = context.clock.now();
  const advice = validityAdvice(newest, { now, from, config });
  // What is wrong with an expired one is told with the command that renews it.
  if (newest.notAfter >= now) checkValidity(newest, now, from);
  else if (!check && advice !== undefined) fail({ code: 'ExpiredInCluster', problem: advice });
  const file = shownPath(path);
  const result = withNewest(await textOf(file, context), newest, file);
  const { former } = result;
  const isCurrent = former?.pem === newest.pem;
  if (former !== undefined && former.notBefore > newest.notBefore)
    context.warn(
      `warning: ${file}: the certificate of the cluster is older than that of the file; find out why before you commit it`,
    );
  if (check) {
    const due = [
      ...(isCurrent ? [] : [describeOld(config, { former, newest })]),
      ...(advice === undefined ? [] : [advice]),
    ];
    if (due.length > 0) return { line: `${file}: ${due.join('; ')}`, isDue: true };
  } else {
    if (advice !== undefined) context.warn(`warning: ${advice}`);
    if (!isCurrent) {
      await replaceFile(file, Buffer.from(result.text, 'latin1'), false);
      return { line: describeChange(file, { ...result, newest }), isDue: true };
    }
  }
  return { line: describeCurrent(file, newest), isDue: false };
}

/** Returns what is wrong with the validity of a cluster's certificate, and what to do. Undefined if nothing is. */
function validityAdvice(
  certificate: Certificate,
  { now, from, config }: { readonly now: Date; readonly from: string; readonly config: ClusterConfig },
): string | undefined {
  const { fingerprint, notAfter } = certificate;
  const problem =
    notAfter < now
      ? `the certificate ${fingerprint} expired on ${dayOf(notAfter)} (${from})`
      : expiryWarning(certificate, now, from);
  return problem && `${problem}; make a new key with kubeseal keys renew${flagsFor(config)}`;
}

/** Returns the flags that choose a cluster, each behind a space. */
function flagsFor({ context, controllerNamespace }: ClusterConfig): string {
  const flags = [
    ...(context === undefined ? [] : ['--context', context]),
    ...(controllerNamespace === undefined ? [] : ['--controller-namespace', controllerNamespace]),
  ];
  return flags.map((word) => ` ${word}`).join('');
}

function describeOld({ name }: ClusterConfig, { former, newest }: Certificates): string {
  const own = former === undefined ? 'it has no certificate' : `it has ${describe(former)}`;
  return `not the newest: ${own}, and the cluster seals with ${describe(newest)}; run kubeseal certs update ${name}`;
}

/** Returns the text of a certificate file; empty if it does not exist. */
async function textOf(file: string, context: CliContext): Promise<string> {
  try {
    return (await certificateText(file, context)).text;
  } catch (error) {
    if (error instanceof SealedSecretsError && error.failure.code === 'NoSuchFile') return '';
    throw error;
  }
}
