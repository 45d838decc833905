import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import type { SealedSecretMetrics } from '../metrics/sealed-secrets.ts';

/** What keeps the reported state of SealedSecrets. */
export interface ReportedStates {
  readonly metrics: SealedSecretMetrics;
  readonly keyUses: KeyUses;
  /** Whether this controller writes the status. If not, the status in the cluster may be outdated. */
  readonly updateStatus: boolean;
}

/**
 * Takes over what the status of a SealedSecret reports, so that metrics and the uses of keys also cover the objects that
 * an earlier process or another replica has reconciled.
 *
 * @param keys the keys that opened the items, if the object is synced and its status names them
 */
export function takeOver(
  { metadata, status }: StoredSealedSecret,
  keys: readonly Fingerprint[] | undefined,
  { metrics, keyUses, updateStatus }: ReportedStates,
): void {
  if (!updateStatus) return;
  metrics.seen(metadata, status.conditions, keys);
  if (keys !== undefined) keyUses.opened(metadata, keys);
}
