import { SEALING_RECORD } from '../api/annotations.ts';
import { showPlace, type Place } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import { recordedPlace } from '../seal/recorded-place.ts';
import { scopeOf } from '../seal/scope.ts';
import {
  ciphertextDigest,
  formatRecord,
  MAX_RECORD,
  parseRecord,
  type RecordEntry,
} from '../seal/sealing-record.ts';
import { fail } from './errors.ts';

/** The names of items, and the key that they were sealed with. */
export interface JustSealed {
  readonly items: { has(item: string): boolean };
  readonly fingerprint: Fingerprint;
}

/** What the sealing record of an object depends on. */
export interface RecordChange {
  /** The items that the object has afterwards, in base64. */
  readonly encryptedData: SealedSecret['encryptedData'];
  /** What is known to be sealed with a key, for the name, namespace and scope of the object. Undefined for nothing. */
  readonly just: JustSealed | undefined;
  /** The value of `--record`: true begins a record. One that is there is kept up in any case. */
  readonly record: boolean | undefined;
  /** The place of the object, for errors. */
  readonly place: Place;
}

/**
 * Returns the sealing record of an object after a change. It has the items that were just sealed, and what it said before
 * of those that stay; nothing of others. Undefined if the annotation stays as it is. Rejects with `RecordTooLong`.
 */
export async function changedRecord(
  { metadata }: Pick<SealedSecret, 'metadata'>,
  change: RecordChange,
): Promise<string | undefined> {
  const before = parseRecord(metadata.annotations);
  if (change.record !== true) {
    // A newer record stays: an entry never speaks of another ciphertext, so that it cannot mislead.
    const isNewer = before !== undefined && 'unreadable' in before && before.unreadable === 'newer';
    if (before === undefined || isNewer) return undefined;
  }
  const known = before !== undefined && 'entries' in before ? before.entries : undefined;
  const { just } = change;
  const fresh = just && {
    key: just.fingerprint,
    ...(await recordedPlace(scopeOf(metadata.annotations), metadata)),
  };
  const entries = new Map<string, RecordEntry>();
  for (const [item, ciphertext] of change.encryptedData) {
    const digest = await ciphertextDigest(ciphertext);
    if (digest === undefined) continue;
    const entry = just?.items.has(item) ? fresh : known?.get(digest);
    if (entry !== undefined) entries.set(digest, entry);
  }
  const text = formatRecord(entries);
  if (text.length > MAX_RECORD) fail({ code: 'RecordTooLong', at: showPlace(change.place), max: MAX_RECORD });
  return text === metadata.annotations.get(SEALING_RECORD) ? undefined : text;
}
