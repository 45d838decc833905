import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import type { Document } from '../shared/manifest/read.ts';

/** Checks whether SealedSecrets can be unsealed, by the controller or with private keys. */
export interface Verifier {
  /** Throws if the SealedSecret cannot be unsealed. */
  verify(sealed: SealedSecret, document: Document): Promise<void>;
  /** Closes the connections, if any. */
  close(): void;
}
