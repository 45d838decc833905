import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { isFingerprint, type Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { scopeOf } from '../../shared/seal/scope.ts';

/** What the status of a SealedSecret says about its current generation and scope. */
export interface ReportedState {
  /** `changed`: nothing yet. */
  readonly outcome: 'synced' | 'failed' | 'changed';
  /**
   * The version of the Secret that was right, as {@link versionOf} returns it. Undefined if the outcome is another one,
   * or if the status lacks details, as with the reference's CustomResourceDefinition.
   */
  readonly secretVersion: string | undefined;
  /** The keys that opened the items; none unless `secretVersion` is defined. */
  readonly keys: readonly Fingerprint[];
}

/** Returns what the status of a SealedSecret says about its current generation and scope. */
export function reportedState({ metadata, status }: StoredSealedSecret): ReportedState {
  const { uid, generation } = metadata.server;
  const { applied, observedGeneration, conditions } = status;
  const synced = conditions.find(({ type }) => type === 'Synced');
  if (observedGeneration !== generation) return CHANGED;
  if (synced?.status === 'False') return FAILED;
  if (synced?.status !== 'True') return CHANGED;
  // A message is about something that is not quite right, such as a template's reference to a missing item.
  if (synced.message !== '' || !applied?.keys?.every(isFingerprint)) return UNKNOWN;
  const isCurrent =
    applied.sealedSecretUID === uid &&
    applied.generation === generation &&
    applied.scope === scopeOf(metadata.annotations);
  if (!isCurrent) return CHANGED;
  const secret = { uid: applied.secretUID, resourceVersion: applied.secretResourceVersion };
  return { outcome: 'synced', secretVersion: versionOf(secret), keys: applied.keys };
}

const UNKNOWN: ReportedState = { outcome: 'synced', secretVersion: undefined, keys: [] };
const CHANGED: ReportedState = { outcome: 'changed', secretVersion: undefined, keys: [] };
const FAILED: ReportedState = { outcome: 'failed', secretVersion: undefined, keys: [] };

/** Returns a text that identifies one version of one object. Versions are only compared for equality. */
export function versionOf(server: { readonly uid: string; readonly resourceVersion: string }): string {
  return `${server.uid} ${server.resourceVersion}`;
}
