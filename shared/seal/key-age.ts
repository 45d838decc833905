import type { Certificate } from '../crypto/certificate.ts';

/** What makes one key newer than another: the date in its certificate, or when its Secret was made. */
export const KEY_ORDERS = ['CertNotBefore', 'SecretCreationTimestamp'] as const;
export type KeyOrder = (typeof KEY_ORDERS)[number];

/** What the age of a sealing key is told by. */
export interface DatedKey {
  readonly certificate: Certificate;
  /** When its Secret was made; undefined where that is not known. */
  readonly created: Date | undefined;
  readonly secretName: string;
}

/** Returns the time that counts for a key's age. */
export function timeOf({ certificate, created }: DatedKey, order: KeyOrder): Date {
  return order === 'SecretCreationTimestamp' && created ? created : certificate.notBefore;
}

/**
 * Returns a positive number where `a` is newer, and a negative one where `b` is. Both times have whole seconds: where
 * the one that counts does not tell, the other does, or at last the name.
 */
export function compareAge(a: DatedKey, b: DatedKey, order: KeyOrder): number {
  return (
    timeOf(a, order).getTime() - timeOf(b, order).getTime() ||
    a.certificate.notBefore.getTime() - b.certificate.notBefore.getTime() ||
    (a.created?.getTime() ?? 0) - (b.created?.getTime() ?? 0) ||
    (a.secretName < b.secretName ? -1 : Number(a.secretName > b.secretName))
  );
}
