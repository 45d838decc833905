import { compareBytes } from '../../shared/bytes.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { PlacedSealed } from '../../shared/input/sizes.ts';
import { namedKeys } from '../../shared/seal/named-keys.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import type { CliContext } from '../context.ts';
import { knownValuesFor } from '../known-values/known-values.ts';
import { openDigestCache, type DigestCache } from './digest-cache.ts';
import type { UnchangedOptions } from './options.ts';

/** Finds items of SealedSecrets that have their value already, and remembers values for the next time. */
export interface UnchangedItems {
  /**
   * Returns the items that hold these values already, as far as a private key, the Secret in the cluster or the cache
   * tells. The cache counts only for items of the cluster: those that name another key are not found. Throws what reading
   * the Secret throws.
   */
  find(target: PlacedSealed, values: ReadonlyMap<string, Uint8Array>): Promise<ReadonlySet<string>>;
  /** Remembers the values that the items of a SealedSecret hold, once it is written. */
  remember(target: PlacedSealed, values: ReadonlyMap<string, Uint8Array>): void;
  /** Writes what is to be remembered. Warns if that fails. */
  save(): Promise<void>;
  /** Closes the connections, if any. */
  close(): void;
}

/** What tells which items stay. */
export interface UnchangedSources {
  /** The keys that the cluster is known to have; undefined if nothing is known of them. */
  readonly keys: ReadonlySet<Fingerprint> | undefined;
  /** The cache, if it is open already. */
  readonly cache?: DigestCache | undefined;
  readonly context: CliContext;
}

/** Opens the sources of `UnchangedItems`: the one that the flags name, and the cache. Throws as `knownValuesFor`. */
export async function openUnchanged(
  options: UnchangedOptions,
  { keys, cache: opened, context }: UnchangedSources,
): Promise<UnchangedItems> {
  const known = await knownValuesFor(options, context);
  const cache = options.keepUnchanged ? (opened ?? (await openDigestCache(context))) : undefined;
  return {
    async find({ sealed, place }, values) {
      const shared = [...sealed.encryptedData].filter(([item]) => values.has(item));
      if (shared.length === 0) return new Set();
      const common = { ...sealed, encryptedData: new Map(shared) };
      const before = (await known?.valuesOf(common, place)) ?? new Map<string, Uint8Array>();
      const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
      const named = keys === undefined ? undefined : await namedKeys(common);
      // The cluster cannot unseal what was copied from the file of another one.
      const isForeign = (item: string): boolean => {
        const key = named?.get(item);
        return key !== undefined && keys?.has(key) === false;
      };
      const unchanged = shared.filter(([item, ciphertext]) => {
        const value = values.get(item);
        const old = before.get(item);
        if (value === undefined || ciphertext === null) return false;
        return old === undefined
          ? !isForeign(item) && cache?.knows({ label, ciphertext, value })
          : compareBytes(old, value) === 0;
      });
      return new Set(unchanged.map(([item]) => item));
    },
    remember: (target, values) => {
      if (cache !== undefined) remember(target, values, cache);
    },
    save: async () => cache?.save(),
    close: () => known?.close(),
  };
}

/** Adds the values that the items of a SealedSecret hold to a cache. */
export function remember(
  { sealed, place }: PlacedSealed,
  values: ReadonlyMap<string, Uint8Array>,
  cache: DigestCache,
): void {
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  for (const [item, value] of values) {
    const ciphertext = sealed.encryptedData.get(item);
    if (typeof ciphertext === 'string') cache.add({ label, ciphertext, value });
  }
}
