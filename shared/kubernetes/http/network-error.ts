const NOT_TRUSTED = 'its TLS certificate is not trusted';

/** Node's error codes of a failed connection, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied',
  EPROTO: 'it does not speak TLS there',
  // As Bun calls it.
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  CERT_NOT_YET_VALID: 'its TLS certificate is not valid yet',
  INVALID_PURPOSE: 'its TLS certificate is not one for a server',
  CERT_SIGNATURE_FAILURE: NOT_TRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  INVALID_CA: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another host',
};

/** Whether a connection failed because of the server's certificate, so that other CA certificates may help. */
export function isUntrusted(error: unknown): boolean {
  const code = networkCode(error);
  return code === 'CERT_HAS_EXPIRED' || REASONS[code] === NOT_TRUSTED;
}

/** A failed connection whose reason is in our own words. */
export class NetworkError extends Error {}

/** Why a connection failed: by code, since messages may quote what was sent. */
export function networkReason(error: unknown): string {
  if (error instanceof NetworkError) return error.message;
  const code = networkCode(error);
  if (code.startsWith('HPE_')) return 'it does not speak HTTP there';
  return REASONS[code] ?? (code === '' ? 'the connection failed' : code);
}

/** The code of a system error, of its cause, or of the first error of an aggregate; else empty. */
export function networkCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return networkCode(error.errors[0]);
  return networkCode(error.cause);
}
