import type { Certificate } from '../../shared/crypto/certificate.ts';
import { isDeprecated } from '../reconciler/admission.ts';
import { noKey, postHandler, type PostDependencies } from './post.ts';
import { line, type Reply } from './reply.ts';
import { rotate } from './rotate.ts';
import type { Endpoints } from './routes.ts';
import { REFUSED, verify, verifyReply } from './verify.ts';

/** What the endpoints show, and what they work with. */
export interface EndpointDependencies extends Omit<PostDependencies, 'limit'> {
  /** How often a client may verify, and how often it may re-encrypt. Neither takes anything from the other. */
  readonly limits: Readonly<Record<'verify' | 'rotate', PostDependencies['limit']>>;
  /** The certificate to seal with, or undefined as long as there is none. */
  readonly certificate: () => Certificate | undefined;
  /** What the controller still waits for at its start, in one line; undefined: nothing. */
  readonly startingUp: () => string | undefined;
  /** Whether the process is about to end. */
  readonly stopping: () => boolean;
  readonly acceptV1Data: boolean;
}

/** Returns all endpoints of the main server. */
export function endpointsOf(dependencies: EndpointDependencies): Endpoints {
  const { certificate, acceptV1Data, limits } = dependencies;
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
  ]);
}

/** A watch that lags later, or an API server that is away, takes no certificate offline. */
function readiness({ certificate, startingUp, stopping }: EndpointDependencies): Reply {
  if (stopping()) return line(503, 'stopping');
  if (certificate() === undefined) return noKey();
  const missing = startingUp();
  return missing === undefined ? line(200, 'ok') : line(503, missing);
}

function certificateReply(certificate: Certificate | undefined): Reply {
  return certificate ? { status: 200, type: 'application/x-pem-file', body: certificate.pem } : noKey();
}
