import { shortTime } from '../../shared/crypto/certificate.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { Json } from '../../shared/manifest/write.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import { countByKey, NO_COUNT } from './counts.ts';
import type { KeyUses } from './read-uses.ts';
import type { SealedObject } from './sealed-objects.ts';
import { shortFingerprint, table } from './table.ts';

/** A line of `keys list`. Null is what nobody knows. */
interface ListedKey {
  readonly name: string;
  readonly fingerprint: Fingerprint;
  readonly created: string | null;
  readonly state: string;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly inCluster: number | null;
  /** Undefined if nobody looked at files. */
  readonly inFiles: number | undefined;
  /** When a backup with the key was verified last; `never`, or null if nobody records it. */
  readonly backup: string | null;
}

/** Puts together what is known about each key. */
export function listedKeys({ keys, backups }: ClusterKeys, uses: KeyUses): readonly ListedKey[] {
  const cluster = uses.cluster && counterOf(uses.cluster);
  const files = uses.files && counterOf(uses.files);
  return keys.map((key) => {
    const { name, fingerprint, state, certificate } = key;
    const verified = backups?.get(fingerprint);
    return {
      name,
      fingerprint,
      created: key.created === undefined ? null : shortTime(key.created),
      state,
      notBefore: certificate === undefined ? null : shortTime(certificate.notBefore),
      notAfter: certificate === undefined ? null : shortTime(certificate.notAfter),
      inCluster: cluster?.(key) ?? key.objects ?? null,
      inFiles: files?.(key),
      backup: backups === undefined ? null : verified === undefined ? 'never' : shortTime(verified),
    };
  });
}

function counterOf(objects: readonly SealedObject[]): (key: ClusterKeys['keys'][number]) => number {
  const counts = countByKey(objects);
  return ({ fingerprint }) => {
    const { proven, claimed } = counts.get(fingerprint) ?? NO_COUNT;
    return proven + claimed;
  };
}

/** Returns keys as a table. A wide one has the whole fingerprint and the dates of the certificate. */
export function keysTable(keys: readonly ListedKey[], wide: boolean): string {
  const withFiles = keys.some(({ inFiles }) => inFiles !== undefined);
  const header = [
    'NAME',
    'FINGERPRINT',
    'CREATED',
    'STATE',
    ...(wide ? ['NOT BEFORE', 'NOT AFTER'] : []),
    'IN CLUSTER',
    ...(withFiles ? ['IN FILES'] : []),
    'BACKUP',
  ];
  const rows = keys.map((key) => [
    key.name,
    wide ? key.fingerprint : shortFingerprint(key.fingerprint),
    known(key.created),
    key.state,
    ...(wide ? [known(key.notBefore), known(key.notAfter)] : []),
    known(key.inCluster),
    ...(withFiles ? [known(key.inFiles ?? null)] : []),
    known(key.backup),
  ]);
  return table([header, ...rows]);
}

function known(value: string | number | null): string {
  return value === null ? 'unknown' : String(value);
}

/** Returns keys as the output of `-o json` and `-o yaml`. */
export function keysJson(keys: readonly ListedKey[]): Json {
  return { keys: keys.map((key) => ({ ...key })) };
}
