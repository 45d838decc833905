import { showPlace, type Place } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { sealValue } from '../crypto/envelope.ts';
import { fail, type Failure, type ItemProblem } from '../errors.ts';
import { explain, type Candidate } from './explain.ts';
import { hintOf } from './hint.ts';
import { forgetAll, openItems, type Decrypter } from './open-items.ts';
import { labelFor, scopeOf } from './scope.ts';

export type ReEncryptResult =
  | { readonly ok: true; readonly encryptedData: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly failure: Failure };

/** The new ciphertexts, or what is wrong with items. */
export type EncryptResult =
  { readonly encryptedData: ReadonlyMap<string, string> } | { readonly problems: readonly ItemProblem[] };

/**
 * Encrypts every item anew under the very label it was opened with, which the object's own metadata gives
 * (CVE-2026-22728: never its template's). Nothing but the ciphertexts changes. Throws `BadName` and `V1DataInPlace`.
 */
export async function encryptItems(
  sealed: Omit<SealedSecret, 'template'>,
  to: Certificate,
  decrypter: Decrypter,
  place: Place,
  signal: AbortSignal,
): Promise<EncryptResult> {
  refuseV1Data(sealed, place);
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  const hint = hintOf(sealed.metadata.annotations);
  const opened = await openItems(sealed.encryptedData, label, hint, decrypter, signal);
  try {
    if (opened.problems.length > 0) return { problems: opened.problems };
    const seal = (value: Buffer): string => sealValue(value, to.publicKey, label).toString('base64');
    return { encryptedData: new Map([...opened.items].map(([item, { value }]) => [item, seal(value)])) };
  } finally {
    forgetAll(opened);
  }
}

/** The same for an owner of the private keys, who is told why items stay closed. */
export async function reEncrypt(
  sealed: SealedSecret,
  to: Certificate,
  decrypter: Decrypter,
  candidates: readonly Candidate[],
  place: Place,
  signal: AbortSignal,
): Promise<ReEncryptResult> {
  const anew = await encryptItems(sealed, to, decrypter, place, signal);
  if ('encryptedData' in anew) return { ok: true, ...anew };
  const { encryptedData } = sealed;
  const explained = await explain(sealed, encryptedData, anew.problems, decrypter, candidates, place, signal);
  return { ok: false, failure: { code: 'Unseal', problems: explained } };
}

/** Refuses `spec.data`, which has no items: `V1DataInPlace`. */
export function refuseV1Data(sealed: Pick<SealedSecret, 'v1Data'>, place: Place): void {
  if (sealed.v1Data !== undefined) fail({ code: 'V1DataInPlace', at: showPlace(place) });
}
