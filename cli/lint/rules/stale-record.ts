import { SEALING_RECORD } from '../../../shared/api/annotations.ts';
import {
  formatRecord,
  MAX_RECORD,
  parseRecord,
  type RecordEntries,
  type Unreadable,
} from '../../../shared/seal/sealing-record.ts';
import type { ObjectRule } from '../object.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { itemsInWords, sealedItemsOf, type SealedItem } from '../sealed-items.ts';
import { sealedOf } from '../sealed-of.ts';

const AT = ['metadata', 'annotations', SEALING_RECORD];

/**
 * S017: a sealing record that cannot be read, that has entries for ciphertexts that are gone, or none for items that are
 * there. Nothing depends on such entries.
 */
export const staleRecord: ObjectRule = (object) => {
  const sealed = sealedOf(object);
  if (sealed === undefined) return [];
  const { annotations } = sealed.metadata;
  const record = parseRecord(annotations);
  if (record === undefined || hasPlaceholder(annotations.get(SEALING_RECORD) ?? '')) return [];
  if ('unreadable' in record) {
    const message = `the sealing record cannot be read: ${REASONS[record.unreadable]}`;
    return [{ rule: 'S017', at: AT, message, advice: ADVICE }];
  }
  const problems: Problem[] = [];
  const items = sealedItemsOf(sealed);
  const current = currentEntries(items, record.entries);
  const stale = record.entries.size - current.size;
  if (stale > 0) {
    problems.push({
      rule: 'S017',
      at: AT,
      message: `the sealing record has ${stale === 1 ? '1 entry' : `${stale} entries`} for items that are not there or were sealed again`,
      advice: `drop them with "kubeseal lint --fix"`,
      fix: new Map([
        ['metadata', new Map([['annotations', new Map([[SEALING_RECORD, formatRecord(current)]])]])],
      ]),
    });
  }
  const missing = items.filter(({ entry, envelope }) => entry === undefined && envelope !== undefined);
  if (missing.length > 0) {
    const what = missing.length === items.length ? 'any item' : itemsInWords(missing, items);
    const message = `the sealing record has no entry for ${what}`;
    problems.push({ rule: 'S017', at: AT, message, advice: ADVICE });
  }
  return problems;
};

/** Returns the entries of the ciphertexts that are there, in the order of the record. */
function currentEntries(items: readonly SealedItem[], entries: RecordEntries): RecordEntries {
  const digests = new Set(items.map((item) => item.digest));
  return new Map([...entries].filter(([digest]) => digests.has(digest)));
}

const REASONS: Readonly<Record<Unreadable, string>> = {
  long: `it is longer than ${MAX_RECORD / 1024} KiB`,
  newer: 'a newer version of kubeseal wrote it',
  malformed: 'it is malformed',
  ambiguous: 'it has two entries for one item',
};

const ADVICE = 'write a new record: kubeseal re-encrypt --record -f FILE';
