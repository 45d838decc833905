import type { Certificate } from '../crypto/certificate.ts';

/** The ways to order keys by age: by the date in the certificate, or by the creation of the Secret. */
export const KEY_ORDERS = ['CertNotBefore', 'SecretCreationTimestamp'] as const;
/** One of {@link KEY_ORDERS}. */
export type KeyOrder = (typeof KEY_ORDERS)[number];

/** The properties of a sealing key that determine its age. */
export interface DatedKey {
  readonly certificate: Certificate;
  /** When its Secret was created; undefined if unknown. */
  readonly created: Date | undefined;
  readonly secretName: string;
}

/** Returns the time that determines a key's age. */
export function timeOf({ certificate, created }: DatedKey, order: KeyOrder): Date {
  return order === 'SecretCreationTimestamp' && created ? created : certificate.notBefore;
}

/**
 * Compares two keys by age. Returns a positive number if `a` is newer, a negative one if `b` is. The times have whole
 * seconds, so that ties are possible: the other time decides them, then the name.
 */
export function compareAge(a: DatedKey, b: DatedKey, order: KeyOrder): number {
  return (
    timeOf(a, order).getTime() - timeOf(b, order).getTime() ||
    a.certificate.notBefore.getTime() - b.certificate.notBefore.getTime() ||
    (a.created?.getTime() ?? 0) - (b.created?.getTime() ?? 0) ||
    (a.secretName < b.secretName ? -1 : Number(a.secretName > b.secretName))
  );
}
