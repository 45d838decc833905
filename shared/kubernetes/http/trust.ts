import { rootCertificates, type ConnectionOptions } from 'node:tls';
import type { Tls } from './connection.ts';
import type { Roots } from './system-roots.ts';

/** Returns the TLS options for connections to a server. Throws the errors of `roots` if no CA is named. */
export function serverTrust(tls: Tls, roots: Roots): ConnectionOptions {
  if (tls.rejectUnauthorized === false) return tls;
  return { ...tls, ...anchors(tls.ca ?? roots()) };
}

/**
 * Returns the TLS options for connections to a proxy. The proxy's certificate may be issued by the cluster's CA or by a
 * public one. The client certificate and the server name are not sent to the proxy. Throws the errors of `roots`.
 */
export function proxyTrust({ ca, rejectUnauthorized }: Tls, roots: Roots): ConnectionOptions {
  if (rejectUnauthorized === false) return { rejectUnauthorized };
  const system = roots();
  return anchors(ca === undefined ? system : [ca, system ?? [...rootCertificates]].flat(2));
}

/**
 * Makes every certificate of a bundle a trust anchor, as in Go, including intermediates and the server's own
 * certificate. By default, OpenSSL accepts a chain only if it ends with a self-signed certificate. Signatures, validity,
 * key usage, and the host name are still checked. Does nothing for Node's own roots, because with this option Node 20
 * ignores `NODE_EXTRA_CA_CERTS`.
 */
function anchors(ca: Tls['ca']): ConnectionOptions {
  return ca === undefined ? {} : { ca, allowPartialTrustChain: true };
}
