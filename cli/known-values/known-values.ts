import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Failure } from '../../shared/errors.ts';
import type { CliContext } from '../context.ts';
import type { KnownValueOptions } from '../flags/options.ts';
import { usageError } from '../flags/usage-error.ts';

/** The values of sealed items, as far as the user may know them. */
export interface KnownValues {
  /**
   * Returns the values of the items of a SealedSecret. Items whose value is not known are absent. Throws what concerns
   * the whole object: a name that no label can have, or a Secret that cannot be read.
   */
  valuesOf(sealed: SealedSecret, place: Place): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Returns why the value of an item is not known. */
  whyUnknown(sealed: SealedSecret, item: string, place: Place): Promise<Failure>;
  /** Closes the connections, if any. */
  close(): void;
}

/**
 * Returns the values that `--recovery-private-key` or `--from-cluster` tell; undefined without these flags. Throws
 * `Usage` if there are both, and what reading the keys and connecting throw.
 */
export async function knownValuesFor(
  options: KnownValueOptions,
  context: CliContext,
): Promise<KnownValues | undefined> {
  const hasKeys = options.recoveryPrivateKeys.length > 0;
  if (hasKeys && options.fromCluster)
    usageError('--recovery-private-key and --from-cluster cannot be used together');
  if (hasKeys) {
    const { recoveredValues } = await import('./recovered-values.ts');
    return recoveredValues(options, context);
  }
  if (!options.fromCluster) return undefined;
  const { liveValues } = await import('./live-values.ts');
  return liveValues(options, context);
}
