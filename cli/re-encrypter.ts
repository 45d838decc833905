import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import type { Fingerprint } from '../shared/crypto/fingerprint.ts';
import type { Document } from '../shared/manifest/read.ts';

/** Re-encrypts SealedSecrets, through the controller or offline with private keys and a certificate. */
export interface ReEncrypter {
  /** Returns a new ciphertext for every item. Throws if one of them cannot be re-encrypted. */
  reEncrypt(sealed: SealedSecret, document: Document): Promise<ReadonlyMap<string, string>>;
  /**
   * Returns a new ciphertext for every item that is not known to be sealed with the newest key. Throws if an item cannot
   * be re-encrypted.
   */
  reEncryptOld(sealed: SealedSecret, document: Document): Promise<ReadonlyMap<string, string>>;
  /** Returns the fingerprint of the new key. */
  fingerprint(): Promise<Fingerprint>;
  /** Closes the connections, if any. */
  close(): void;
}
