import { SEALING_KEY } from '../api/annotations.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import type { PatchMap } from '../manifest/splice.ts';
import { hintOf } from '../seal/hint.ts';

/** Returns a SealedSecret that was just made, with the annotation that names its key. */
export function withKeyHint(sealed: SealedSecret, { fingerprint }: Certificate): SealedSecret {
  const annotations = new Map([...sealed.metadata.annotations, [SEALING_KEY, fingerprint]]);
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}

/** What the hint of an object depends on. */
export interface KeyHintChange {
  readonly certificate: Pick<Certificate, 'fingerprint'>;
  /** The names of the items that were sealed with the certificate. */
  readonly sealedItems: { has(item: string): boolean };
  /** The value of `--key-hint`; undefined if it is not set. */
  readonly keyHint: boolean | undefined;
}

/**
 * Returns the hint that names the keys of an object's items after some of them were sealed again: the new key alone if all
 * were, otherwise the keys before and the new one.
 *
 * By default (`keyHint` is undefined), an object without the annotation gets one only if all items are new: nobody knows
 * the keys of the others. Returns undefined if the annotation stays as it is.
 */
export function changedKeyHint(
  { metadata: { annotations }, encryptedData }: Pick<SealedSecret, 'metadata' | 'encryptedData'>,
  { certificate, sealedItems, keyHint }: KeyHintChange,
): string | undefined {
  const replacesAll = [...encryptedData.keys()].every((item) => sealedItems.has(item));
  const isKnown = replacesAll || annotations.has(SEALING_KEY);
  if (keyHint === false ? !annotations.has(SEALING_KEY) : keyHint === undefined && !isKnown) return undefined;
  const before = replacesAll ? [] : hintOf(annotations);
  const hint = [...new Set([...before, certificate.fingerprint])].join(',');
  return hint === annotations.get(SEALING_KEY) ? undefined : hint;
}

/** Returns the patch of an object's metadata that sets `changedKeyHint`. Undefined if the metadata stays as it is. */
export function keyHintPatch(sealed: SealedSecret, change: KeyHintChange): PatchMap | undefined {
  const hint = changedKeyHint(sealed, change);
  return hint === undefined ? undefined : new Map([['annotations', new Map([[SEALING_KEY, hint]])]]);
}
