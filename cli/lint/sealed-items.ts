import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Envelope } from '../../shared/crypto/envelope.ts';
import { withoutValue } from '../../shared/input/without-value.ts';
import { envelopeOf } from '../../shared/seal/item-envelope.ts';
import { parseRecord, type RecordEntry } from '../../shared/seal/sealing-record.ts';
import { joined } from '../../shared/text.ts';
import { digestOf } from './ciphertext-digest.ts';

/** A sealed value of a SealedSecret. */
export interface SealedItem {
  readonly name: string;
  /** Where it is in the object. */
  readonly at: readonly string[];
  /** Undefined for what is no sealed value. */
  readonly envelope: Envelope | undefined;
  /** By which the sealing record names the value. Undefined without a record, and for what is not base64. */
  readonly digest: string | undefined;
  /** What the sealing record says about it, if it does. */
  readonly entry: RecordEntry | undefined;
}

/** Only the items of one object are kept, since their bytes are almost as long as the file. */
let last: { readonly sealed: SealedSecret; readonly items: readonly SealedItem[] } | undefined;

/**
 * Returns the sealed values of a SealedSecret, with what its record says about them. Several rules need them, one after the
 * other for each object, so the last answer is kept.
 */
export function sealedItemsOf(sealed: SealedSecret): readonly SealedItem[] {
  if (last?.sealed !== sealed) last = { sealed, items: readItems(sealed) };
  return last.items;
}

function readItems(sealed: SealedSecret): readonly SealedItem[] {
  const { metadata, encryptedData, v1Data } = sealed;
  const record = parseRecord(metadata.annotations);
  const entries = record !== undefined && 'entries' in record ? record.entries : undefined;
  const values: (readonly [name: string, at: readonly string[], value: string | null])[] = [
    ...[...encryptedData].map(([name, value]) => [name, ['spec', 'encryptedData', name], value] as const),
    ...(v1Data === undefined ? [] : [['data', ['spec', 'data'], v1Data] as const]),
  ];
  const items: SealedItem[] = [];
  for (const [name, at, value] of values) {
    const envelope = envelopeOf(name, value);
    const digest = entries === undefined ? undefined : digestOf(value);
    const entry = digest === undefined ? undefined : entries?.get(digest);
    items.push({ name, at, envelope: 'code' in envelope ? undefined : envelope, digest, entry });
  }
  return items;
}

/** Returns some of the items of an object in words, such as `the items "a", "b"`; `it` if they are all. */
export function itemsInWords(items: readonly SealedItem[], all: readonly SealedItem[]): string {
  if (items.length === all.length) return 'it';
  const names = joined(items.map(({ name }) => `"${withoutValue(name)}"`));
  return items.length === 1 ? `the item ${names}` : `the items ${names}`;
}
