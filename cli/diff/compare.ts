import { compareBytes } from '../../shared/bytes.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { factsOf, type Malformed, type SealedFacts } from '../../shared/inspect/facts.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { changedFields, type FieldChange } from './fields.ts';

/**
 * How an item differs. `re-encrypted` and `changed` are known: the values are the same, or not. With `ciphertext`, the
 * ciphertexts differ, and whether the values do is not known.
 */
export type ItemDifference = 'added' | 'removed' | 'changed' | 're-encrypted' | 'ciphertext';

/** The length of a sealed value and the size of its key in bits, or why it is malformed. */
export type Size = Pick<SealedFacts, 'length' | 'keyBits'> | Malformed;

/** An item that differs. Null for a side that does not have it. */
export interface ItemChange {
  readonly item: string;
  readonly change: ItemDifference;
  readonly old: Size | null;
  readonly new: Size | null;
}

/** One side of a comparison: a SealedSecret, and the values of its items as far as they are known. */
export interface Version {
  readonly sealed: SealedSecret;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** How a SealedSecret differs. The fields are those of `diff -o json`. */
export interface SealedChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** The newer name, or the older one of a SealedSecret that was removed. */
  readonly name: string;
  readonly namespace: string;
  readonly items: readonly ItemChange[];
  readonly fields: readonly FieldChange[];
  /** The items that no longer unseal: the ciphertext is the old one, but it was sealed for another place. */
  readonly broken: readonly string[];
}

/** Compares two versions of a SealedSecret, of which one may be missing. Returns undefined if they do not differ. */
export function compare(before: Version | undefined, after: Version | undefined): SealedChange | undefined {
  const [old, now] = [before?.sealed, after?.sealed];
  const metadata = (now ?? old)?.metadata;
  if (metadata === undefined) return undefined;
  const items = changedItems(before, after);
  const fields = changedFields(old, now);
  if (items.length === 0 && fields.length === 0) return undefined;
  const broken = old && now && labelOf(old) !== labelOf(now) ? unchangedItems(old, now) : [];
  const { name, namespace } = metadata;
  const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
  return { change, name, namespace, items, fields, broken };
}

function changedItems(before: Version | undefined, after: Version | undefined): readonly ItemChange[] {
  const [old, now] = [valuesIn(before?.sealed), valuesIn(after?.sealed)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((item): ItemChange[] => {
    const [was, is] = [old.get(item), now.get(item)];
    const sizes = { old: sizeOf(was), new: sizeOf(is) };
    if (was === undefined) return [{ item, change: 'added', ...sizes }];
    if (is === undefined) return [{ item, change: 'removed', ...sizes }];
    if (isSame(was, is)) return [];
    const values = [before?.values.get(item), after?.values.get(item)] as const;
    return [{ item, change: differenceOf(factsOf(was), factsOf(is), values), ...sizes }];
  });
}

/** Returns the sealed values by item, with the one of the deprecated `spec.data` under that name. */
function valuesIn(sealed: SealedSecret | undefined): ReadonlyMap<string, string | null> {
  const { encryptedData = new Map<string, string | null>(), v1Data } = sealed ?? {};
  return v1Data === undefined ? encryptedData : new Map([...encryptedData, ['spec.data', v1Data]]);
}

function sizeOf(value: string | null | undefined): Size | null {
  if (value === undefined) return null;
  const facts = factsOf(value);
  return 'problem' in facts ? facts : { length: facts.length, keyBits: facts.keyBits };
}

function differenceOf(
  was: SealedFacts | Malformed,
  is: SealedFacts | Malformed,
  [old, now]: readonly [Uint8Array | undefined, Uint8Array | undefined],
): ItemDifference {
  // The length is public, and values of different lengths differ.
  if ('problem' in was || 'problem' in is || was.length !== is.length) return 'changed';
  if (old === undefined || now === undefined) return 'ciphertext';
  return compareBytes(old, now) === 0 ? 're-encrypted' : 'changed';
}

/** Whether two values are the same ciphertext, however its base64 is laid out. */
function isSame(was: string | null, is: string | null): boolean {
  if (was === is) return true;
  if (was === null || is === null) return false;
  const [a, b] = [factsOf(was), factsOf(is)];
  return (
    !('problem' in a) && !('problem' in b) && Buffer.from(was, 'base64').equals(Buffer.from(is, 'base64'))
  );
}

/** Returns what the ciphertexts of a SealedSecret are bound to. */
function labelOf({ metadata: { annotations, name, namespace } }: SealedSecret): string {
  const scope = scopeOf(annotations);
  const bound = { strict: [namespace, name], 'namespace-wide': [namespace], 'cluster-wide': [] };
  return JSON.stringify([scope, ...bound[scope]]);
}

function unchangedItems(old: SealedSecret, now: SealedSecret): readonly string[] {
  const before = valuesIn(old);
  return [...valuesIn(now)].flatMap(([item, is]) => {
    const was = before.get(item);
    return was !== undefined && isSame(was, is) ? [item] : [];
  });
}
