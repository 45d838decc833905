import type { KnownValues } from '../known-values/known-values.ts';
import type { SealedDocument } from '../files/sealed-file.ts';
import { compare, type SealedChange, type Version } from './compare.ts';
import type { Match } from './match.ts';

/**
 * Compares two versions of a SealedSecret. Asks for values only if ciphertexts differ whose values may be the same.
 * Returns undefined if the versions do not differ.
 */
export async function compareKnown(
  [before, after]: Match,
  known: readonly KnownValues[],
): Promise<SealedChange | undefined> {
  const change = compare(before && unknown(before), after && unknown(after));
  if (change === undefined || known.length === 0) return change;
  if (!change.items.some((item) => item.change === 'ciphertext')) return change;
  return compare(before && (await versionOf(before, known)), after && (await versionOf(after, known)));
}

function unknown({ sealed }: SealedDocument): Version {
  return { sealed, values: new Map() };
}

async function versionOf(
  { sealed, document: { place } }: SealedDocument,
  known: readonly KnownValues[],
): Promise<Version> {
  const values = new Map<string, Buffer>();
  for (const source of known) {
    for (const [item, value] of await source.valuesOf(sealed, place)) values.set(item, value);
  }
  return { sealed, values };
}
