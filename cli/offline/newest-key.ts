import { shortTime, type Certificate } from '../../shared/crypto/certificate.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { fail } from '../errors.ts';
import { compareAge, type DatedKey } from '../../shared/seal/key-age.ts';
import { ACTIVE_KEY_LABEL, type RecoveryKey } from './key-files.ts';

/** What a certificate is compared with. */
interface Comparison {
  /** Where the certificate came from. */
  readonly at: string;
  readonly keys: readonly RecoveryKey[];
  readonly now: Date;
}

/**
 * Refuses to re-encrypt with a certificate that a controller with these keys would not seal with. Throws
 * `OldCertificate` if the files hold a newer key, and `RetiredCertificate` if their labels say that the key is no longer
 * in use. Ignores keys without a certificate.
 */
export function refuseOldCertificate(
  { fingerprint, notBefore }: Certificate,
  { at, keys, now }: Comparison,
): void {
  const own = keys.filter(({ key }) => key.fingerprint === fingerprint);
  const retired = own.find(({ label }) => label !== undefined && label !== ACTIVE_KEY_LABEL);
  if (retired?.label !== undefined && !own.some(({ label }) => label === ACTIVE_KEY_LABEL))
    fail({ code: 'RetiredCertificate', at, fingerprint, from: shortTime(notBefore), label: retired.label });
  const newest = newestKey(keys, now);
  if (newest === undefined || newest.certificate.fingerprint === fingerprint) return;
  const isActive = activeKeys(keys).some((key) => key.certificate.fingerprint === fingerprint);
  if (!isActive && notBefore >= newest.certificate.notBefore) return;
  fail({
    code: 'OldCertificate',
    at,
    fingerprint,
    from: shortTime(notBefore),
    newest: newest.certificate.fingerprint,
    newestFrom: shortTime(newest.certificate.notBefore),
    secret: newest.secretName,
  });
}

/**
 * Returns a description of the first used key that is not the newest one in the files, and of the newest one. Undefined
 * if only the newest key was used, or if the files do not say which one that is.
 */
export function describeOldKey(
  used: Iterable<Fingerprint>,
  keys: readonly RecoveryKey[],
  now: Date,
): string | undefined {
  const newest = newestKey(keys, now);
  if (newest === undefined) return undefined;
  const fingerprints = new Set(used);
  const old = keys.find(({ key, dated, label }) => {
    if (!fingerprints.has(key.fingerprint) || key.fingerprint === newest.certificate.fingerprint)
      return false;
    const isRetired = label !== undefined && label !== ACTIVE_KEY_LABEL;
    return dated !== undefined && (isRetired || compareAge(dated, newest, 'CertNotBefore') < 0);
  })?.dated?.certificate;
  if (old === undefined) return undefined;
  const { fingerprint, notBefore } = newest.certificate;
  return (
    `sealed for an old key, ${old.fingerprint}, valid from ${shortTime(old.notBefore)}; ` +
    `the newest is ${fingerprint}, valid from ${shortTime(notBefore)}`
  );
}

/** Returns the key that a controller with the default key order would seal with now. */
function newestKey(keys: readonly RecoveryKey[], now: Date): DatedKey | undefined {
  return activeKeys(keys)
    .filter(({ certificate }) => certificate.notBefore <= now && certificate.notAfter > now)
    .toSorted((a, b) => compareAge(b, a, 'CertNotBefore'))[0];
}

/**
 * Returns the dated keys that are labelled active. The files may also hold Secrets for other uses, such as certificates
 * of web servers. Returns every dated key if no key has a label: the labels got lost.
 */
function activeKeys(keys: readonly RecoveryKey[]): readonly DatedKey[] {
  const isLabelled = keys.some(({ label }) => label !== undefined);
  const candidates = isLabelled ? keys.filter(({ label }) => label === ACTIVE_KEY_LABEL) : keys;
  return candidates.flatMap(({ dated }) => dated ?? []);
}
