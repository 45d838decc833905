import { SEALING_KEY, SEALING_RECORD } from '../api/annotations.ts';
import type { Place } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import type { PatchMap } from '../manifest/splice.ts';
import { changedKeyHint, withKeyHint, type KeyHintChange } from './key-hint.ts';
import { changedRecord } from './changed-record.ts';

/** What a change of items does to the annotations about sealing. */
export interface SealingChange extends KeyHintChange {
  /** The items that the object has afterwards, in base64. */
  readonly encryptedData: SealedSecret['encryptedData'];
  /** The value of `--record`; undefined if it is not set. */
  readonly record: boolean | undefined;
  /** The place of the object, for errors. */
  readonly place: Place;
}

/** The annotations that a SealedSecret gets that was just made. */
export interface NewAnnotations {
  readonly certificate: Certificate;
  readonly keyHint: boolean;
  readonly record: boolean | undefined;
  readonly place: Place;
}

/**
 * Returns the patch of an object's metadata after some items were sealed again: the hint at the keys, as `changedKeyHint`
 * returns it, and the sealing record. Undefined if the metadata stays as it is. Rejects with `RecordTooLong`.
 */
export async function sealingPatch(
  sealed: Pick<SealedSecret, 'metadata' | 'encryptedData'>,
  change: SealingChange,
): Promise<PatchMap | undefined> {
  const just = { items: change.sealedItems, fingerprint: change.certificate.fingerprint };
  return annotationsPatch({
    hint: changedKeyHint(sealed, change),
    record: await changedRecord(sealed, { ...change, just }),
  });
}

/**
 * Returns the patch of an object's metadata after items were removed and none was sealed: its sealing record, if it has
 * one, drops them. Undefined if the metadata stays as it is.
 */
export async function recordPatch(
  sealed: Pick<SealedSecret, 'metadata'>,
  change: Pick<SealingChange, 'encryptedData' | 'place'>,
): Promise<PatchMap | undefined> {
  const record = await changedRecord(sealed, { ...change, just: undefined, record: undefined });
  return annotationsPatch({ hint: undefined, record });
}

/** Returns the patch of an object's metadata that sets its annotations about sealing. Undefined if both are undefined. */
export function annotationsPatch(annotations: {
  readonly hint: string | undefined;
  readonly record: string | undefined;
}): PatchMap | undefined {
  const patch = new Map<string, string>();
  if (annotations.hint !== undefined) patch.set(SEALING_KEY, annotations.hint);
  if (annotations.record !== undefined) patch.set(SEALING_RECORD, annotations.record);
  return patch.size === 0 ? undefined : new Map([['annotations', patch]]);
}

/** Returns a SealedSecret that was just made with the annotations that were asked for. Rejects with `RecordTooLong`. */
export async function withSealingAnnotations(
  bare: SealedSecret,
  { certificate, keyHint, record, place }: NewAnnotations,
): Promise<SealedSecret> {
  const sealed = keyHint ? withKeyHint(bare, certificate) : bare;
  const { encryptedData } = sealed;
  const just = { items: encryptedData, fingerprint: certificate.fingerprint };
  const text = await changedRecord(sealed, { encryptedData, just, record, place });
  return text === undefined ? sealed : withRecord(sealed, text);
}

/** Returns a SealedSecret with a sealing record. */
export function withRecord(sealed: SealedSecret, record: string): SealedSecret {
  const annotations = new Map([...sealed.metadata.annotations, [SEALING_RECORD, record]]);
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}
