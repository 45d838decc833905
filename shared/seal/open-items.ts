import type { Envelope, Label } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import { envelopeOf } from './item-envelope.ts';
import type { ItemProblem } from './item-problem.ts';

/** A decrypted value, and the key that opened it. */
export interface Opened {
  readonly value: Buffer;
  readonly by: Fingerprint;
}

/** How to open an envelope. */
export interface OpenOptions {
  readonly label: Label;
  /** The keys to try before others. */
  readonly preferred?: readonly Fingerprint[];
  readonly signal: AbortSignal;
}

/** Opens envelopes with a set of private keys. */
export interface Decrypter {
  /** The keys that are tried. */
  readonly fingerprints: readonly Fingerprint[];
  /** How many further keys are not tried because they are labelled as compromised. */
  readonly compromised?: number;

  /** Opens an envelope. Resolves with null if no key opens it, for any reason. Rejects when the signal aborts. */
  open(envelope: Envelope, options: OpenOptions): Promise<Opened | null>;
}

/** The items that opened, and the problems of the others. */
export interface OpenedItems {
  readonly items: ReadonlyMap<string, Opened>;
  readonly problems: readonly ItemProblem[];
}

/** How many items may fail to open before the rest is skipped: the whole has failed, and each try takes time. */
const MAX_FAILED = 10;

/** How to open the items of one SealedSecret. */
export interface OpenItemsOptions {
  readonly label: Label;
  /** The keys that the object says it was sealed with, tried before others. */
  readonly hint: readonly Fingerprint[];
  readonly decrypter: Decrypter;
  readonly signal: AbortSignal;
}

/**
 * Opens every item (base64 of one envelope) under one label. Never throws for an item; throws the signal's reason when
 * it aborts.
 */
export async function openItems(
  encrypted: ReadonlyMap<string, string | null>,
  { label, hint, decrypter, signal }: OpenItemsOptions,
): Promise<OpenedItems> {
  const items = new Map<string, Opened>();
  const problems: ItemProblem[] = [];
  const hinted = new Set(hint);
  let last: Fingerprint | undefined;
  let failed = 0;
  for (const [item, value] of encrypted) {
    signal.throwIfAborted();
    const envelope = envelopeOf(item, value);
    if ('code' in envelope) {
      problems.push(envelope);
      continue;
    }
    if (failed === MAX_FAILED) {
      problems.push({ code: 'NotTried', item, failed });
      continue;
    }
    const preferred = last === undefined ? hint : inOrder(hinted, last);
    const opened = await decrypter.open(envelope, { label, preferred, signal });
    if (opened) {
      items.set(item, opened);
      last = opened.by;
    } else {
      problems.push({ code: 'NoKey', item });
      failed++;
    }
  }
  return { items, problems };
}

/** Overwrites the decrypted values with zeros. */
export function forgetAll({ items }: OpenedItems): void {
  for (const { value } of items.values()) value.fill(0);
}

/** Puts the key that opened the last item first, if it is a hinted one: it is the most likely one. */
function inOrder(hinted: ReadonlySet<Fingerprint>, last: Fingerprint): Fingerprint[] {
  return hinted.has(last) ? [last, ...hinted] : [...hinted, last];
}
