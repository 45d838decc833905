import { decodeBase64 } from '../api/base64.ts';
import { parseEnvelope, type Envelope, type Label } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { ItemProblem } from '../errors.ts';

/** A value, and the key that opened it. */
export interface Opened {
  readonly value: Buffer;
  readonly by: Fingerprint;
}

/** Opens envelopes; who holds the keys, and on which thread they work, is its own business. */
export interface Decrypter {
  /** The keys that are tried. */
  readonly fingerprints: readonly Fingerprint[];
  /** How many more keys are known that are labelled as compromised, and so not tried. */
  readonly compromised?: number;

  /**
   * Opens an envelope under a label, trying the keys named in `first` before others. Null: no key here opens it,
   * for whatever reason.
   */
  open(
    envelope: Envelope,
    label: Label,
    first: readonly Fingerprint[],
    signal: AbortSignal,
  ): Promise<Opened | null>;
}

/** The items that opened, and what is wrong with each of the others. */
export interface OpenedItems {
  readonly items: ReadonlyMap<string, Opened>;
  readonly problems: readonly ItemProblem[];
}

/** After so many items that no key opens the others are not tried: the whole has failed, and each try takes time. */
const MAX_FAILED = 10;

/**
 * Opens every item (base64 of one envelope) under a label, trying the hinted keys before others. Throws what the
 * signal holds when it is aborted.
 */
export async function openItems(
  encrypted: ReadonlyMap<string, string | null>,
  label: Label,
  hint: readonly Fingerprint[],
  decrypter: Decrypter,
  signal: AbortSignal,
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
    const first = last === undefined ? hint : inOrder(hinted, last);
    const opened = await decrypter.open(envelope, label, first, signal);
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

/** Overwrites the values: they are not needed any more. */
export function forgetAll({ items }: OpenedItems): void {
  for (const { value } of items.values()) value.fill(0);
}

/** Of several hinted keys, the one that opened the last item is the likeliest. */
function inOrder(hinted: ReadonlySet<Fingerprint>, last: Fingerprint): Fingerprint[] {
  return hinted.has(last) ? [last, ...hinted] : [...hinted, last];
}

/** The envelope in an item's value, or why there is none. */
export function envelopeOf(item: string, value: string | null): Envelope | ItemProblem {
  if (value === null) return { code: 'NotAString', item };
  const decoded = decodeBase64(value);
  if (!decoded.ok) return { code: 'IllegalBase64', item, offset: decoded.offset };
  return parseEnvelope(decoded.bytes) ?? { code: 'NoEnvelope', item };
}
