import type { Certificate } from '../../shared/crypto/certificate.ts';
import { isDeprecated } from '../reconcile/refuse.ts';
import { posting, noKey, type Post } from './post.ts';
import { line, type Reply } from './reply.ts';
import { rotate } from './rotate.ts';
import type { Endpoints } from './routes.ts';
import { REFUSED, verify, verifyReply } from './verify.ts';

/** What the endpoints show, and what they work with. */
export interface Served extends Post {
  /** The certificate to seal with, or undefined as long as there is none. */
  readonly certificate: () => Certificate | undefined;
  /** What the controller still waits for at its start, in one line; undefined: nothing. */
  readonly startingUp: () => string | undefined;
  /** Whether the process is about to end. */
  readonly stopping: () => boolean;
  readonly acceptV1Data: boolean;
}

/** All that is served. */
export function endpointsOf(served: Served): Endpoints {
  const { certificate, decrypter } = served;
  return new Map([
    ['/healthz', { method: 'GET', answer: () => line(200, 'ok') }],
    ['/readyz', { method: 'GET', answer: () => readiness(served) }],
    ['/v1/cert.pem', { method: 'GET', answer: () => certificateReply(certificate()) }],
    [
      '/v1/verify',
      posting('/v1/verify', served, async (posted, { request, signal }) => {
        const refused = isDeprecated(posted.sealed) && !served.acceptV1Data;
        const verdict = refused ? REFUSED : await verify(posted, decrypter, signal);
        return verifyReply(verdict, request.headers.accept);
      }),
    ],
    [
      '/v1/rotate',
      posting('/v1/rotate', served, (posted, { signal }) => {
        const to = certificate();
        return to ? rotate(posted, to, decrypter, signal) : Promise.resolve(noKey());
      }),
    ],
  ]);
}

/** A watch that lags later, or an API server that is away, takes no certificate offline. */
function readiness({ certificate, startingUp, stopping }: Served): Reply {
  if (stopping()) return line(503, 'stopping');
  if (certificate() === undefined) return noKey();
  const missing = startingUp();
  return missing === undefined ? line(200, 'ok') : line(503, missing);
}

function certificateReply(certificate: Certificate | undefined): Reply {
  return certificate ? { status: 200, type: 'application/x-pem-file', body: certificate.pem } : noKey();
}
