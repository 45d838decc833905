import { shortTime } from '../../shared/crypto/certificate.ts';
import type { Json } from '../../shared/manifest/write.ts';
import type { ClusterKey } from './cluster-key.ts';
import { table } from './table.ts';

/** How much of a fingerprint a narrow table shows: the name of the hash and 12 characters, which tell keys apart. */
const SHORT_FINGERPRINT = 'SHA256:'.length + 12;

/** Returns keys as a table. A wide one has the whole fingerprint and the dates of the certificate. */
export function keysTable(keys: readonly ClusterKey[], wide: boolean): string {
  const header = ['NAME', 'FINGERPRINT', 'CREATED', 'STATE', ...(wide ? ['NOT BEFORE', 'NOT AFTER'] : [])];
  const rows = keys.map(({ name, fingerprint, created, state, certificate: { notBefore, notAfter } }) => [
    name,
    wide ? fingerprint : fingerprint.slice(0, SHORT_FINGERPRINT),
    created === undefined ? 'unknown' : shortTime(created),
    state,
    ...(wide ? [shortTime(notBefore), shortTime(notAfter)] : []),
  ]);
  return table([header, ...rows]);
}

/** Returns keys as the output of `-o json`. */
export function keysJson(keys: readonly ClusterKey[]): Json {
  return {
    keys: keys.map(({ name, fingerprint, created, state, certificate }) => ({
      name,
      fingerprint,
      created: created === undefined ? null : shortTime(created),
      notBefore: shortTime(certificate.notBefore),
      notAfter: shortTime(certificate.notAfter),
      state,
    })),
  };
}
