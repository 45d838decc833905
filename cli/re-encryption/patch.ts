import { SEALING_KEY, SEALING_RECORD } from '../../shared/api/annotations.ts';
import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { annotationsPatch } from '../../shared/input/sealing-annotations.ts';
import { changedRecord } from '../../shared/input/changed-record.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import type { ReEncrypter } from '../re-encrypter.ts';

/** How to write about the new key. */
export interface KeyAnnotations {
  readonly encrypter: Pick<ReEncrypter, 'fingerprint'>;
  readonly keyHint: boolean;
  /** Whether to write a sealing record; undefined to keep up one that is there. */
  readonly record: boolean | undefined;
  readonly place: Place;
}

/**
 * Returns the changes of a SealedSecret: new ciphertexts, the hint at their key, and the sealing record. All items are
 * then sealed with that key for the object as it is: those that have no new ciphertext were opened with it. An object that
 * has a hint or a record gets new ones in any case: the old ones would mislead.
 */
export async function reEncryptionPatch(
  sealed: SealedSecret,
  ciphertexts: ReadonlyMap<string, string>,
  { encrypter, keyHint, record, place }: KeyAnnotations,
): Promise<ReadonlyMap<string, Patch>> {
  const patch = new Map<string, Patch>();
  // A SealedSecret without items has no encryptedData to change.
  if (ciphertexts.size > 0) patch.set('spec', new Map([['encryptedData', ciphertexts]]));
  const { annotations } = sealed.metadata;
  const isHinted = keyHint || annotations.has(SEALING_KEY);
  const isRecorded = record === true || annotations.has(SEALING_RECORD);
  if (!isHinted && !isRecorded) return patch;
  const fingerprint = await encrypter.fingerprint();
  const encryptedData = new Map([...sealed.encryptedData, ...ciphertexts]);
  const just = { items: encryptedData, fingerprint };
  const metadata = annotationsPatch({
    hint: isHinted ? fingerprint : undefined,
    record: await changedRecord(sealed, { encryptedData, just, record, place }),
  });
  if (metadata !== undefined) patch.set('metadata', metadata);
  return patch;
}
