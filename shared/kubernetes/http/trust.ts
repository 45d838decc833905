import { rootCertificates, type ConnectionOptions } from 'node:tls';
import type { Tls } from './connection.ts';
import type { Roots } from './system-roots.ts';

/** Returns the TLS options for connections to a server. Throws as `roots` does, where no CA is named. */
export function serverTrust(tls: Tls, roots: Roots): ConnectionOptions {
  if (tls.rejectUnauthorized === false) return tls;
  return { ...tls, ...anchors(tls.ca ?? roots()) };
}

/**
 * Returns the TLS options for connections to a proxy. Its certificate may come from the cluster's authority or from a
 * public one. The client's certificate and the server's name are not for the proxy. Throws as `roots` does.
 */
export function proxyTrust({ ca, rejectUnauthorized }: Tls, roots: Roots): ConnectionOptions {
  if (rejectUnauthorized === false) return { rejectUnauthorized };
  const system = roots();
  return anchors(ca === undefined ? system : [ca, system ?? [...rootCertificates]].flat(2));
}

/**
 * Makes each certificate of a bundle a trust anchor, as in Go: also an intermediate, or the server's own certificate.
 * OpenSSL would accept a chain only if it ends with a self-signed certificate. Signatures, validity, key usage, and the
 * host name are checked all the same. Node's own roots are left alone: with this option, Node 20 would forget
 * `NODE_EXTRA_CA_CERTS`.
 */
function anchors(ca: Tls['ca']): ConnectionOptions {
  return ca === undefined ? {} : { ca, allowPartialTrustChain: true };
}
