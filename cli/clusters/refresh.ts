import { checkValidity } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { expiryWarning } from '../../shared/input/certificate-warnings.ts';
import { withController } from '../config/certificate-options.ts';
import type { ClusterConfig } from '../config/config.ts';
import { shownPath } from '../config/shown-path.ts';
import type { CliContext } from '../context.ts';
import type { ControllerOptions } from '../flags/options.ts';
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
  checkValidity(newest, now, from);
  const file = shownPath(path);
  const result = withNewest(await textOf(file, context), newest, file);
  const { former } = result;
  const isCurrent = former?.pem === newest.pem;
  if (former !== undefined && former.notBefore > newest.notBefore)
    context.warn(
      `warning: ${file}: the certificate of the cluster is older than that of the file; find out why before you commit it`,
    );
  const expiry = expiryWarning(newest, now, from);
  const advice = expiry === undefined ? undefined : `${expiry}; make a new key with kubeseal keys renew`;
  if (check) {
    if (!isCurrent) return { line: describeOld(config, file, { former, newest }), isDue: true };
    if (advice !== undefined) return { line: `${file}: ${advice}`, isDue: true };
  } else {
    if (advice !== undefined) context.warn(`warning: ${advice}`);
    if (!isCurrent) {
      await replaceFile(file, Buffer.from(result.text, 'latin1'), false);
      return { line: describeChange(file, { ...result, newest }), isDue: true };
    }
  }
  return { line: describeCurrent(file, newest), isDue: false };
}

function describeOld({ name }: ClusterConfig, file: string, { former, newest }: Certificates): string {
  const own = former === undefined ? 'it has no certificate' : `it has ${describe(former)}`;
  return `${file}: not the newest: ${own}, and the cluster seals with ${describe(newest)}; run kubeseal certs update ${name}`;
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
