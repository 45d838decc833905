import { fileURLToPath } from 'node:url';
import { Api, type Ref } from '../shared/cluster/api.ts';
import { ApiError } from '../shared/cluster/api-error.ts';
import { SERVICES } from '../shared/cluster/kinds.ts';
import { parseCertificate, type Certificate } from '../shared/crypto/certificate.ts';
import { describe, fail, SealedSecretsError } from '../shared/errors.ts';
import type { Context } from './context.ts';
import { readFileBytes } from './input.ts';
import type { Options } from './options.ts';

/** A certificate, and where it came from. */
export interface Obtained {
  readonly certificate: Certificate;
  readonly from: string;
}

const LIMITS = { bytes: 1024 * 1024, time: 30_000 };

const USUAL_EXPONENT = 65537n;

/** The certificate of `--cert`, else the cluster's. Throws when it is none, or unfit to seal with. */
export async function obtainCertificate(options: Options, context: Context): Promise<Obtained> {
  const { cert } = options;
  const { text, from, plain } = cert === undefined ? await fromCluster(options, context) : await given(cert);
  const certificate = parseCertificate(text, from);
  if (plain) {
    context.note(
      'warning: the certificate came over plain http, where someone on the way could have replaced it: ' +
        `compare its fingerprint, ${certificate.fingerprint}`,
    );
  }
  if (certificate.exponent !== USUAL_EXPONENT) {
    context.note(`warning: the certificate's key has the unusual public exponent ${certificate.exponent}`);
  }
  return { certificate, from };
}

interface Unread {
  readonly text: string;
  readonly from: string;
  /** Whether it came over plain http. */
  readonly plain: boolean;
}

async function given(cert: string): Promise<Unread> {
  if (/^https?:\/\//i.test(cert)) {
    if (!URL.canParse(cert)) return fail({ code: 'Usage', problem: '--cert: this is not a URL' });
    const { download } = await import('../shared/cluster/download.ts');
    return { ...(await download(new URL(cert), LIMITS)), from: 'the certificate from --cert' };
  }
  const path = cert.startsWith('file://') ? pathOf(cert) : cert;
  const bytes = await readFileBytes(path);
  if (bytes.length > LIMITS.bytes) return fail({ code: 'TooLarge', at: path, limit: '1 MiB' });
  return { text: bytes.toString('latin1'), from: path, plain: false };
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return fail({ code: 'Usage', problem: '--cert: a file URL is file:// and an absolute path' });
  }
}

/** Asks the controller, by its Service, through the API server: whoever may use the cluster may seal. */
async function fromCluster(options: Options, context: Context): Promise<Unread> {
  const [{ connect }, { Transport }] = await Promise.all([
    import('../shared/cluster/connect.ts'),
    import('../shared/cluster/transport.ts'),
  ]);
  const api = new Api(
    new Transport(
      await connect(
        { file: options.kubeconfig, context: options.context },
        context.environment,
        context.clock,
      ),
    ),
  );
  const service: Ref = { namespace: options.controllerNamespace, name: options.controllerName };
  try {
    const port = await firstPort(api, service);
    return {
      text: await throughProxy(api, service, port),
      from: `the certificate of ${service.namespace}/${service.name}`,
      plain: false,
    };
  } finally {
    api.transport.close();
  }
}

async function firstPort(api: Api, service: Ref): Promise<string> {
  try {
    const found = await api.get(SERVICES, service);
    return found?.firstPortName ?? fail({ code: 'NoSuchService', ...service });
  } catch (error) {
    if (!(error instanceof SealedSecretsError) || error.failure.code === 'NoSuchService') throw error;
    return fail({ code: 'ServiceRefused', ...service, reason: describe(error.failure) });
  }
}

async function throughProxy(api: Api, service: Ref, port: string): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(service.namespace)}/services/http:${encodeURIComponent(service.name)}:${encodeURIComponent(port)}/proxy/v1/cert.pem`;
  const refuse = (reason: string): never => fail({ code: 'CertificateRefused', ...service, reason });
  try {
    const answer = await api.transport.request({
      method: 'GET',
      path,
      accept: '*/*',
      maxBody: LIMITS.bytes,
      timeout: LIMITS.time,
    });
    if (answer.status === 200) return answer.body.toString('latin1');
    if (answer.status === 503) return refuse('the controller does not answer, or has no key yet (503)');
    return refuse(
      describe(new ApiError('pass the request on to the controller', answer.status, undefined).failure),
    );
  } catch (error) {
    if (error instanceof SealedSecretsError && error.failure.code === 'Unreachable')
      return refuse(describe(error.failure));
    throw error;
  }
}
