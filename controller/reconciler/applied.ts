import type { Metadata } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { MAX_APPLIED_KEYS, type Applied, type Ownership, type Status } from '../../shared/api/status.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { ownershipOf } from './ownership.ts';

/** How a Secret was brought up to date. */
export interface Application {
  readonly secret: Secret;
  readonly ownership: Ownership;
  /** The key that opened each item. */
  readonly openedBy: ReadonlyMap<string, Fingerprint>;
}

/** Returns the status field `applied` for a SealedSecret whose Secret is up to date. */
export function appliedOf(owner: Metadata, { secret, ownership, openedBy }: Application): Applied {
  const keys = [...new Set<string>(openedBy.values())].sort();
  return {
    sealedSecretUID: owner.server.uid,
    generation: owner.server.generation,
    scope: scopeOf(owner.annotations),
    secretUID: secret.metadata.server.uid,
    secretResourceVersion: secret.metadata.server.resourceVersion,
    ownership,
    ...(keys.length <= MAX_APPLIED_KEYS ? { keys } : {}),
  };
}

/**
 * Whether the missing Secret belonged to others and was only patched. Its owner may recreate it; the controller recreates
 * only Secrets that it created or adopted.
 */
export function wasPatched({ applied, conditions }: Status, owner: Metadata): boolean {
  if (applied) return applied.sealedSecretUID === owner.server.uid && applied.ownership === 'None';
  // A CRD without the field `applied` drops it, but keeps the reason.
  const reason = conditions.find(({ type }) => type === 'Synced')?.reason;
  return reason === 'Patched' || reason === 'PatchedSecretGone';
}

/** Whether the SealedSecret's current generation and scope were applied to this Secret, identified by its UID. */
export function isApplied(status: Status, owner: Metadata, existing: Secret): boolean {
  const { applied } = status;
  if (!isSynced(status, owner)) return false;
  // A CRD without the field `applied`, such as the reference implementation's, drops it.
  return applied
    ? applied.secretUID === existing.metadata.server.uid
    : ownershipOf(owner, existing) !== 'None';
}

/** Whether the SealedSecret's current generation and scope were applied to any Secret. */
export function isSynced(status: Status, owner: Metadata): boolean {
  const { applied, observedGeneration } = status;
  const { uid, generation } = owner.server;
  if (applied) {
    const { sealedSecretUID, scope } = applied;
    return (
      sealedSecretUID === uid && applied.generation === generation && scope === scopeOf(owner.annotations)
    );
  }
  return hasSyncedTrue(status) && observedGeneration === generation;
}

function hasSyncedTrue({ conditions }: Status): boolean {
  return conditions.some(({ type, status }) => type === 'Synced' && status === 'True');
}
