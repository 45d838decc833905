import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Label } from '../../shared/crypto/envelope.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import type { DigestCache } from '../digests/digest-cache.ts';
import type { KnownValues } from '../known-values/known-values.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { compare, type SealedChange, type Version } from './compare.ts';
import type { Match } from './match.ts';

/** What is known about values: those that keys or the cluster tell, and which ciphertexts this user made of them. */
export interface ValueSources {
  readonly known: readonly KnownValues[];
  readonly digests: DigestCache;
}

/**
 * Compares two versions of a SealedSecret. Asks for values only if ciphertexts differ whose values may be the same.
 * Returns undefined if the versions do not differ.
 */
export async function compareKnown(
  [before, after]: Match,
  sources: ValueSources | undefined,
): Promise<SealedChange | undefined> {
  const change = compare(before && withoutValues(before), after && withoutValues(after));
  if (change === undefined || before === undefined || after === undefined) return change;
  if (sources === undefined || !change.items.some((item) => item.change === 'ciphertext')) return change;
  const [old, now] = [await valuesOf(before, sources), await valuesOf(after, sources)];
  return compare(
    { sealed: before.sealed, values: learned(before, { own: old, other: now, ...sources }) },
    { sealed: after.sealed, values: learned(after, { own: now, other: old, ...sources }) },
  );
}

function withoutValues({ sealed }: SealedDocument): Version {
  return { sealed, values: new Map() };
}

type Values = ReadonlyMap<string, Uint8Array>;

async function valuesOf(
  { sealed, document: { place } }: SealedDocument,
  { known }: ValueSources,
): Promise<Values> {
  const values = new Map<string, Uint8Array>();
  for (const source of known) {
    for (const [item, value] of await source.valuesOf(sealed, place)) values.set(item, value);
  }
  return values;
}

/** Adds the values of the other version that this user has sealed as ciphertexts of this one. */
function learned(
  { sealed, document: { place } }: SealedDocument,
  { own, other, digests }: { readonly own: Values; readonly other: Values } & Pick<ValueSources, 'digests'>,
): Values {
  const label = labelOf(sealed, place);
  if (label === undefined) return own;
  const more = [...other].filter(([item, value]) => {
    const ciphertext = sealed.encryptedData.get(item);
    return !own.has(item) && typeof ciphertext === 'string' && digests.knows({ label, ciphertext, value });
  });
  return new Map([...own, ...more]);
}

/** Returns the label of a SealedSecret; undefined if the file lacks a name or namespace that the scope needs. */
function labelOf({ metadata }: SealedSecret, place: Place): Label | undefined {
  try {
    return labelFor(scopeOf(metadata.annotations), metadata, place);
  } catch {
    return undefined;
  }
}
