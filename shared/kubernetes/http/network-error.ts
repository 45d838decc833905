const NOT_TRUSTED = 'its TLS certificate is not trusted';

/** Descriptions of Node's error codes for failed connections. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'temporary failure in name resolution',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'permission denied',
  EPROTO: 'the server does not speak TLS',
  // Bun's name for EPROTO.
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  CERT_NOT_YET_VALID: 'its TLS certificate is not valid yet',
  INVALID_PURPOSE: 'its TLS certificate is not a server certificate',
  CERT_SIGNATURE_FAILURE: NOT_TRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  INVALID_CA: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another host',
};

/** Returns whether a connection failed because of the server's certificate, so that other CA certificates may help. */
export function isUntrusted(error: unknown): boolean {
  const code = networkCode(error);
  return code === 'CERT_HAS_EXPIRED' || REASONS[code] === NOT_TRUSTED;
}

/** A failed connection whose message is safe to show: it quotes nothing that was sent or received. */
export class NetworkError extends Error {}

/** Returns why a connection failed. Derived from the error code, since Node's messages may quote what was sent. */
export function networkReason(error: unknown): string {
  if (error instanceof NetworkError) return error.message;
  const code = networkCode(error);
  if (code.startsWith('HPE_')) return 'the server does not speak HTTP';
  return REASONS[code] ?? (code === '' ? 'the connection failed' : code);
}

/** Returns the code of a system error, of its cause, or of the first error of an aggregate; empty if there is none. */
export function networkCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return networkCode(error.errors[0]);
  return networkCode(error.cause);
}
