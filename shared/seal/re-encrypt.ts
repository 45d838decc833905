import type { Place } from '../api/place.ts';
import { base64Text } from '../bytes.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { sealFailure, type SealFailure } from './errors.ts';
import type { ItemProblem } from './item-problem.ts';
import { explain, type Candidate } from './explain.ts';
import { hintOf } from './hint.ts';
import { forgetAll, openItems, type Decrypter } from './open-items.ts';
import { labelFor, scopeOf } from './scope.ts';
import { refuseV1Data } from './v1-data.ts';

/** The new ciphertexts by item, in base64, or why items do not open. */
export type ReEncryptResult =
  | { readonly ok: true; readonly encryptedData: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly failure: SealFailure };

/** The new ciphertexts by item, in base64, or the problems of items. */
export type EncryptResult =
  { readonly encryptedData: ReadonlyMap<string, string> } | { readonly problems: readonly ItemProblem[] };

/** How to re-encrypt a SealedSecret. */
export interface EncryptOptions {
  /** The certificate to encrypt for. */
  readonly certificate: Certificate;
  readonly decrypter: Decrypter;
  /** Whether to leave out items that the key of the certificate opened. Defaults to false. */
  readonly oldOnly?: boolean;
  /** The source of the SealedSecret, for errors. */
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** How an owner of the private keys re-encrypts a SealedSecret. */
export interface ReEncryptOptions extends EncryptOptions {
  /** Names and namespaces that the items may have been sealed for, to explain failures. */
  readonly candidates: readonly Candidate[];
}

/**
 * Re-encrypts every item under the label that it was opened with, which comes from the object's own metadata, never
 * from its template (CVE-2026-22728), or only those under another key. Changes only the ciphertexts. Throws `BadName`, `V1DataInPlace`, and the signal's
 * reason when it aborts.
 */
export async function encryptItems(
  sealed: Omit<SealedSecret, 'template'>,
  { certificate, decrypter, oldOnly = false, place, signal }: EncryptOptions,
): Promise<EncryptResult> {
  refuseV1Data(sealed, place);
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  const hint = hintOf(sealed.metadata.annotations);
  const opened = await openItems(sealed.encryptedData, { label, hint, decrypter, signal });
  try {
    if (opened.problems.length > 0) return { problems: opened.problems };
    const encryptedData = new Map<string, string>();
    for (const [item, { value, by }] of opened.items) {
      if (oldOnly && by === certificate.fingerprint) continue;
      encryptedData.set(item, base64Text(await certificate.publicKey.sealValue(value, label)));
    }
    return { encryptedData };
  } finally {
    forgetAll(opened);
  }
}

/** Re-encrypts as `encryptItems` does, for an owner of the private keys, and explains why items do not open. */
export async function reEncrypt(sealed: SealedSecret, options: ReEncryptOptions): Promise<ReEncryptResult> {
  const result = await encryptItems(sealed, options);
  if ('encryptedData' in result) return { ok: true, ...result };
  const problems = await explain(result.problems, { ...options, sealed, encrypted: sealed.encryptedData });
  return { ok: false, failure: sealFailure({ code: 'Unseal', problems }) };
}
