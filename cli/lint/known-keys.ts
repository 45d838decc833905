import { SEALING_KEY } from '../../shared/api/annotations.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { itemsInWords, sealedItemsOf, type SealedItem } from './sealed-items.ts';

/** A key that a SealedSecret names as one that sealed some of its items. It proves nothing. */
export interface NamedKey {
  readonly key: Fingerprint;
  /** Where the key is named: at the first of the items, or in the hint. */
  readonly at: readonly string[];
  /** What it sealed, in words that follow a verb, such as `it` or `the item "a"`. */
  readonly what: string;
  /** Whether the hint names the key, and not the sealing record. */
  readonly isHint: boolean;
}

/** What a SealedSecret says about its keys. */
export interface KnownKeys {
  readonly named: readonly NamedKey[];
  /** The items without an entry in the sealing record. */
  readonly unrecorded: readonly SealedItem[];
  readonly items: readonly SealedItem[];
}

/** Returns the keys that a sealing record names for items, and those that the hint names for the other items. */
export function knownKeysOf(sealed: SealedSecret): KnownKeys {
  const items = sealedItemsOf(sealed);
  const recorded = new Map<Fingerprint, SealedItem[]>();
  const unrecorded: SealedItem[] = [];
  for (const item of items) {
    if (item.entry === undefined) {
      unrecorded.push(item);
      continue;
    }
    const sameKey = recorded.get(item.entry.key) ?? [];
    recorded.set(item.entry.key, sameKey);
    sameKey.push(item);
  }
  const fromRecord = [...recorded].map(([key, some]): NamedKey => {
    return { key, at: some[0]?.at ?? [], what: itemsInWords(some, items), isHint: false };
  });
  // A hint may also name the keys of the items that have an entry.
  const hint = unrecorded.length === 0 ? [] : hintOf(sealed.metadata.annotations);
  const others = [...new Set(hint)].filter((key) => !recorded.has(key));
  const what = others.length === 1 ? itemsInWords(unrecorded, items) : 'some of its items';
  const at = ['metadata', 'annotations', SEALING_KEY];
  const fromHint = others.map((key): NamedKey => ({ key, at, what, isHint: true }));
  return { named: [...fromRecord, ...fromHint], unrecorded, items };
}
