import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';

/** What a key is used for: the newest one seals, it and the active ones open, the others do nothing. */
export type KeyState = 'newest' | 'active' | 'retired' | 'compromised';

/** A sealing key of a cluster, without its private half. */
export interface ClusterKey {
  /** The name of its Secret. */
  readonly name: string;
  readonly fingerprint: Fingerprint;
  /** When its Secret was created; undefined if unknown. */
  readonly created: Date | undefined;
  readonly state: KeyState;
  readonly certificate: Certificate;
}
