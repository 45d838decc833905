import { SEALING_RECORD } from '../api/annotations.ts';
import { decodeBase64 } from '../api/base64.ts';
import { isObject } from '../api/reader.ts';
import { isFingerprint, type Fingerprint } from '../crypto/fingerprint.ts';
import { formatPlace, isShortDigest, parsePlace, shortDigest, type RecordedPlace } from './recorded-place.ts';

// The sealing record is an annotation such as
//   {"v":1,"sealed":[{"key":"SHA256:…","for":"strict shop/db","items":["5oQ5GWVJ3i8","0fEGyD1EPrI"]}]}
// Items stand in it by a digest of their ciphertext: an item that is sealed again in any other way has no entry, and an
// entry never speaks of a ciphertext that it was not written for. Anyone who can change the file can write anything into
// it: it finds mistakes, and nothing may be allowed because of it. docs/lint/sealing-record.md describes the format.

/** The longest record, in characters: a quarter of what Kubernetes allows all annotations together. */
export const MAX_RECORD = 64 * 1024;
const VERSION = 1;

/** The key and the place that an item was sealed for. */
export interface RecordEntry extends RecordedPlace {
  readonly key: Fingerprint;
}

/** What is known of items, by the digests of their ciphertexts. */
export type RecordEntries = ReadonlyMap<string, RecordEntry>;

/**
 * Why a record cannot be read: it is longer than `MAX_RECORD`, of a newer version, malformed, or has two entries for one
 * item.
 */
export type Unreadable = 'long' | 'newer' | 'malformed' | 'ambiguous';

/** A record, or why there is one that cannot be read. */
export type SealingRecord = { readonly entries: RecordEntries } | { readonly unreadable: Unreadable };

/** Reads the record among an object's annotations. Undefined if there is none. Never throws. */
export function parseRecord(annotations: ReadonlyMap<string, string>): SealingRecord | undefined {
  const text = annotations.get(SEALING_RECORD);
  if (text === undefined) return undefined;
  if (text.length > MAX_RECORD) return { unreadable: 'long' };
  const value = parsedJson(text);
  if (isFields(value) && value['v'] !== VERSION && Number.isInteger(value['v']))
    return { unreadable: 'newer' };
  const entries = new Map<string, RecordEntry>();
  for (const group of groupsOf(value)) {
    if (group === undefined) return { unreadable: 'malformed' };
    for (const digest of group.digests) {
      if (entries.has(digest)) return { unreadable: 'ambiguous' };
      entries.set(digest, group.entry);
    }
  }
  return { entries };
}

/** Formats a record. Items with the same key and place share a group, in the order of the entries. */
export function formatRecord(entries: RecordEntries): string {
  const groups = new Map<string, { key: string; for: string; items: string[] }>();
  for (const [digest, entry] of entries) {
    const place = formatPlace(entry);
    const id = `${entry.key} ${place}`;
    const group = groups.get(id) ?? { key: entry.key, for: place, items: [] };
    groups.set(id, group);
    group.items.push(digest);
  }
  return JSON.stringify({ v: VERSION, sealed: [...groups.values()] });
}

/** Returns the digest by which a record names a ciphertext in base64. Undefined for what is not base64. */
export async function ciphertextDigest(ciphertext: string | null): Promise<string | undefined> {
  if (ciphertext === null) return undefined;
  const decoded = decodeBase64(ciphertext);
  return decoded.ok ? shortDigest(decoded.bytes) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Group {
  readonly entry: RecordEntry;
  readonly digests: readonly string[];
}

/** Returns the groups of a record; undefined for each one that is malformed, and for a record that is no record. */
function groupsOf(record: unknown): readonly (Group | undefined)[] {
  if (!isFields(record) || !hasOnly(record, ['v', 'sealed'])) return [undefined];
  const { v: version, sealed } = record;
  return version === VERSION && isList(sealed) ? sealed.map(groupOf) : [undefined];
}

function groupOf(group: unknown): Group | undefined {
  if (!isFields(group) || !hasOnly(group, ['key', 'for', 'items'])) return undefined;
  const { key, for: place, items } = group;
  if (typeof key !== 'string' || !isFingerprint(key) || typeof place !== 'string') return undefined;
  const parsed = parsePlace(place);
  const isDigests = isList(items) && items.length > 0 && items.every(isShortDigest);
  return parsed && isDigests ? { entry: { key, ...parsed }, digests: items } : undefined;
}

function isFields(value: unknown): value is Fields {
  return isObject(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Whether a value has exactly these fields. */
function hasOnly(value: Fields, fields: readonly string[]): boolean {
  const own = Object.keys(value);
  return own.length === fields.length && fields.every((field) => own.includes(field));
}
