import type { Certificate } from '../../shared/crypto/certificate.ts';
import { isDeprecated } from '../reconciler/admission.ts';
import { pageEndpoints, type PageDependencies } from './page.ts';
import { postHandler, type PostDependencies } from './post.ts';
import { line, noKey, type Reply } from './reply.ts';
import { rotate } from './rotate.ts';
import type { Endpoints } from './routes.ts';
import { REFUSED, verify, verifyReply } from './verify.ts';

/** The dependencies of the endpoints of the main server. */
export interface EndpointDependencies extends Omit<PostDependencies, 'limit'> {
  /** The rate limits of verification and re-encryption, which are independent of each other. */
  readonly limits: Readonly<Record<'verify' | 'rotate', PostDependencies['limit']>>;
  /** Returns the certificate to seal with; undefined while there is no sealing key. */
  readonly certificate: () => Certificate | undefined;
  /** Returns what the controller waits for during start-up, in one line; undefined once it has started. */
  readonly startingUp: () => string | undefined;
  /** Whether the controller is shutting down. */
  readonly stopping: () => boolean;
  /** Whether to accept the deprecated `spec.data`. */
  readonly acceptV1Data: boolean;
  /** The page that seals in a browser; undefined: it is not served. */
  readonly page: Omit<PageDependencies, 'certificate'> | undefined;
}

/** Returns the endpoints of the main server. */
export function endpointsOf(dependencies: EndpointDependencies): Endpoints {
  const { certificate, acceptV1Data, limits, page } = dependencies;
  return new Map([
    ['/healthz', { method: 'GET', answer: () => line(200, 'ok') }],
    ['/readyz', { method: 'GET', answer: () => readiness(dependencies) }],
    ['/v1/cert.pem', { method: 'GET', answer: () => certificateReply(certificate()) }],
    [
      '/v1/verify',
      postHandler(
        '/v1/verify',
        { ...dependencies, limit: limits.verify },
        async (job, { request, signal }) => {
          const refused = isDeprecated(job.posted.sealed) && !acceptV1Data;
          const verdict = refused ? REFUSED : await verify(job, signal);
          return verifyReply(verdict, request.headers.accept);
        },
      ),
    ],
    [
      '/v1/rotate',
      postHandler('/v1/rotate', { ...dependencies, limit: limits.rotate }, (job, { signal }) => {
        const to = certificate();
        return to ? rotate(job, to, signal) : Promise.resolve(noKey());
      }),
    ],
    ...(page ? pageEndpoints({ ...page, certificate }) : []),
  ]);
}

/** Ready once started: a watch that lags later, or an unreachable API server, must not take the certificate offline. */
function readiness({ certificate, startingUp, stopping }: EndpointDependencies): Reply {
  if (stopping()) return line(503, 'stopping');
  if (certificate() === undefined) return noKey();
  const missing = startingUp();
  return missing === undefined ? line(200, 'ok') : line(503, missing);
}

function certificateReply(certificate: Certificate | undefined): Reply {
  return certificate ? { status: 200, type: 'application/x-pem-file', body: certificate.pem } : noKey();
}
