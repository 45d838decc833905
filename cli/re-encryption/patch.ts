import { SEALING_KEY } from '../../shared/api/annotations.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Patch } from '../../shared/manifest/splice.ts';

/** Whether the object gets a hint at its new key: a hint at the old one would mislead. */
export function needsKeyHint({ metadata }: SealedSecret, keyHint: boolean): boolean {
  return keyHint || metadata.annotations.has(SEALING_KEY);
}

/** Returns the changes of a SealedSecret: new ciphertexts, and the fingerprint of their key if there is to be a hint. */
export function patchOf(
  ciphertexts: ReadonlyMap<string, string>,
  fingerprint: string | undefined,
): ReadonlyMap<string, Patch> {
  const patch = new Map<string, Patch>();
  // A SealedSecret without items has no encryptedData to change.
  if (ciphertexts.size > 0) patch.set('spec', new Map([['encryptedData', ciphertexts]]));
  if (fingerprint !== undefined)
    patch.set('metadata', new Map([['annotations', new Map([[SEALING_KEY, fingerprint]])]]));
  return patch;
}
