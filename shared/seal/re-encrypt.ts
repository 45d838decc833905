import { showPlace, type Place } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { sealValue } from '../crypto/envelope.ts';
import { fail, type Failure } from '../errors.ts';
import { explain, type Candidate } from './explain.ts';
import { hintOf } from './hint.ts';
import { openItems, type Decrypter } from './open-items.ts';
import { labelFor, scopeOf } from './scope.ts';

export type ReEncrypted =
  | { readonly ok: true; readonly encryptedData: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Encrypts every item anew under the very label it was opened with, which the object's own metadata gives
 * (CVE-2026-22728: never its template's). Nothing but the ciphertexts changes. Throws `BadName`.
 */
export async function reEncrypt(
  sealed: SealedSecret,
  to: Certificate,
  decrypter: Decrypter,
  candidates: readonly Candidate[],
  place: Place,
  signal: AbortSignal,
): Promise<ReEncrypted> {
  refuseV1Data(sealed, place);
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  const { encryptedData } = sealed;
  const hint = hintOf(sealed.metadata.annotations);
  const { items, problems } = await openItems(encryptedData, label, hint, decrypter, signal);
  if (problems.length > 0) {
    const explained = await explain(sealed, encryptedData, problems, decrypter, candidates, place, signal);
    return { ok: false, failure: { code: 'Unseal', problems: explained } };
  }
  const anew = new Map<string, string>();
  for (const [item, { value }] of items) {
    anew.set(item, sealValue(value, to.publicKey, label).toString('base64'));
    value.fill(0);
  }
  return { ok: true, encryptedData: anew };
}

/** Refuses `spec.data`, which has no items: `V1DataInPlace`. */
export function refuseV1Data(sealed: SealedSecret, place: Place): void {
  if (sealed.v1Data !== undefined) fail({ code: 'V1DataInPlace', at: showPlace(place) });
}
