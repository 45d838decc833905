import { shortTime, type Certificate } from '../shared/crypto/certificate.ts';
import type { Fingerprint } from '../shared/crypto/fingerprint.ts';
import { fail } from '../shared/errors.ts';
import { compareAge, type DatedKey } from '../shared/seal/key-age.ts';
import { ACTIVE, type RecoveryKey } from './key-files.ts';

/**
 * Refuses to re-encrypt under a key that a controller with these keys would not seal with: `OldCertificate` where the
 * files hold a newer key, `RetiredCertificate` where they say that the key is out of use. Keys without a certificate tell
 * nothing.
 *
 * @param at where the certificate came from
 */
export function refuseOldCertificate(
  certificate: Certificate,
  at: string,
  keys: readonly RecoveryKey[],
  now: Date,
): void {
  const { fingerprint, notBefore } = certificate;
  const own = keys.filter(({ key }) => key.fingerprint === fingerprint);
  const retired = own.find(({ label }) => label !== undefined && label !== ACTIVE);
  if (retired?.label !== undefined && !own.some(({ label }) => label === ACTIVE))
    fail({ code: 'RetiredCertificate', at, fingerprint, from: shortTime(notBefore), label: retired.label });
  const newest = newestKey(keys, now);
  if (newest === undefined || newest.certificate.fingerprint === fingerprint) return;
  const isThere = inUse(keys).some((key) => key.certificate.fingerprint === fingerprint);
  if (!isThere && notBefore >= newest.certificate.notBefore) return;
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
 * Says that one of the keys is not the newest of those in the files, and which is; undefined where all are, or where the
 * files do not tell.
 */
export function oldKeyOf(
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
    const isRetired = label !== undefined && label !== ACTIVE;
    return dated !== undefined && (isRetired || compareAge(dated, newest, 'CertNotBefore') < 0);
  })?.dated?.certificate;
  if (old === undefined) return undefined;
  const { fingerprint, notBefore } = newest.certificate;
  return (
    `opens with an old key, ${old.fingerprint}, valid from ${shortTime(old.notBefore)}: ` +
    `the newest is ${fingerprint}, valid from ${shortTime(notBefore)}`
  );
}

/** Returns the key that a controller with its default order would seal with now. */
function newestKey(keys: readonly RecoveryKey[], now: Date): DatedKey | undefined {
  return inUse(keys)
    .filter(({ certificate }) => certificate.notBefore <= now && certificate.notAfter > now)
    .toSorted((a, b) => compareAge(b, a, 'CertNotBefore'))[0];
}

/**
 * Returns the dated keys that are labelled active. Among key Secrets there may be Secrets of other use, such as the
 * certificates of web servers; where nothing is labelled, the labels are lost, and every key counts.
 */
function inUse(keys: readonly RecoveryKey[]): readonly DatedKey[] {
  const isLabelled = keys.some(({ label }) => label !== undefined);
  const counted = isLabelled ? keys.filter(({ label }) => label === ACTIVE) : keys;
  return counted.flatMap(({ dated }) => dated ?? []);
}
