import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import { CERTIFICATE_LIMITS } from '../certificate-limits.ts';
import { fail, isCliFailure, type CliFailure } from '../errors.ts';
import type { CliContext } from '../context.ts';
import type { CertificateOptions } from '../flags/options.ts';
import { connectFor } from './client.ts';
import { controllerCertificate, findController } from './controller-proxy.ts';
import { findKeyRecord, type FoundRecord } from './key-record.ts';

/** A certificate of the cluster, not yet checked. */
export interface ClusterCertificate {
  readonly text: string;
  /** Where it came from, for messages. */
  readonly from: string;
}

/** The statuses with which an API server, or a proxy on the way, says that the controller cannot be reached through it. */
const UNREACHABLE: ReadonlySet<number | undefined> = new Set([403, 404, 500, 502, 503, 504]);

/**
 * Fetches the certificate that seals now from the controller, through the API server's proxy for Services. If that cannot
 * be reached, takes the certificate from the key record and says so: in a private cluster, the API server often has no
 * way to the pods. Throws as `connect`, `findController` and `controllerCertificate` do, and `NoRecordEither`.
 */
export async function clusterCertificate(
  options: CertificateOptions,
  context: CliContext,
): Promise<ClusterCertificate> {
  const { controllerNamespace: namespace, warnUnverifiedBackup } = options;
  const connection = await connectFor(options, context);
  let found: FoundRecord | undefined;
  const record = async (): Promise<FoundRecord> => (found ??= await findKeyRecord(connection, namespace));
  const certificate = await fromController(connection, options).catch(async (error: unknown) => {
    const failure = error instanceof SealedSecretsError ? error.failure : undefined;
    if (failure === undefined || !isCliFailure(failure) || !isUnreachable(failure)) throw error;
    return fromRecord(await record(), failure, context);
  });
  if (warnUnverifiedBackup) warnOfBackup(await record(), certificate, context);
  return certificate;
}

async function fromController(
  connection: Connection,
  { controllerNamespace, controllerName }: CertificateOptions,
): Promise<ClusterCertificate> {
  const service = { namespace: controllerNamespace, name: controllerName };
  const controller = await findController(connection, service);
  try {
    const text = await controllerCertificate(controller, CERTIFICATE_LIMITS);
    return { text, from: `the certificate of ${service.namespace}/${service.name}` };
  } finally {
    controller.close();
  }
}

/** Whether the API server answered, and had no way to the controller or refused to use it. */
function isUnreachable({ details }: CliFailure): boolean {
  // A Service that does not exist is one of another name, mostly.
  // Without a status, the connection failed: that to the API server, or the one through it.
  if (details.code === 'ServiceRefused') return UNREACHABLE.has(details.status ?? 0);
  return details.code === 'CertificateRefused' && UNREACHABLE.has(details.status ?? 503);
}

function fromRecord(found: FoundRecord, failure: CliFailure, context: CliContext): ClusterCertificate {
  const { at } = found;
  const certificate = found.ok ? found.record.certificate : undefined;
  if (certificate === undefined) {
    const reason = found.ok ? whyNoCertificate(found.record.problems) : found.reason;
    return fail({ code: 'NoRecordEither', problem: failure.describe(), record: at, reason });
  }
  context.warn(
    `note: ${failure.describe()}; using the certificate ${certificate.fingerprint} of the key record ${at}`,
  );
  return { text: certificate.pem, from: `the key record ${at}` };
}

function whyNoCertificate([problem]: readonly { describe: () => string }[]): string {
  return problem?.describe() ?? 'it has no certificate';
}

/** Warns if no backup with the key of a certificate was ever verified. */
function warnOfBackup(found: FoundRecord, { text, from }: ClusterCertificate, context: CliContext): void {
  const { at } = found;
  if (!found.ok) {
    context.warn(
      `warning: cannot tell whether there is a verified backup: the key record ${at}: ${found.reason}`,
    );
    return;
  }
  const { fingerprint } = parseCertificate(text, from);
  if (found.record.backups?.has(fingerprint)) return;
  context.warn(
    `warning: no backup with the sealing key ${fingerprint} has been verified; see kubeseal keys backup --help`,
  );
}
