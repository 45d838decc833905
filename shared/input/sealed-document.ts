import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Document } from '../manifest/read.ts';

/** A SealedSecret of a file, and its document. */
export interface SealedDocument {
  readonly document: Document;
  readonly sealed: SealedSecret;
}
