import { MANAGED, PATCH, SKIP_OWNER } from '../../shared/api/annotations.ts';
import { controllerOf, type Metadata, type OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Applied, Ownership, Status } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { isEqual, merge, mergeOwned, overwrite, restore, sameData, typeOf } from './merge.ts';
import { exclusiveOwners, sharedOwners, sameOwners } from './owner-references.ts';
import { ownershipOf, withoutProof, withProof } from './ownership.ts';
import { admissionFailure, type Rules } from './admission.ts';

/** What to do with the Secret. */
export type Plan =
  | {
      readonly action: 'create' | 'update';
      readonly secret: Secret;
      readonly owners: readonly OwnerReference[];
      readonly ownership: Ownership;
      /** Whether this state was applied before, so that another client has undone it. Repairs back off. */
      readonly repair: boolean;
    }
  | { readonly action: 'nothing'; readonly secret: Secret; readonly ownership: Ownership }
  | { readonly action: 'refuse'; readonly failure: Failure };

/** The state from which `plan` decides. */
export interface PlanInput {
  /** The SealedSecret's metadata. */
  readonly owner: Metadata;
  /** The SealedSecret's status. */
  readonly status: Status;
  /** The unsealed and rendered Secret. */
  readonly template: Secret;
  /** The Secret in the cluster, or null if there is none. */
  readonly existing: Secret | null;
  readonly rules: Rules;
  /** The names of items that render differently each time, such as random ones. */
  readonly impure?: ReadonlySet<string>;
}

/**
 * Compares the Secret that a SealedSecret describes with the existing one. Pure.
 *
 * - A new generation, and a Secret that is being adopted, is written as a whole. After that, only fields that the
 *   SealedSecret names are restored; labels, annotations and owners that others add stay.
 * - Ownership and permissions are read from the existing Secret, before the template's annotations are merged into it.
 *   The status grants no right to a Secret: a forged one can at most delay or prevent the writing of this Secret.
 * - Items in `impure` keep their existing value while the generation stays the same.
 */
export function plan({ owner, status, template, existing, rules, impure = new Set() }: PlanInput): Plan {
  const desired = withoutProof(template);
  const claim = existing === null ? undefined : claimOn(existing, owner);
  // A Secret without a claim on it is never written, whether it is a sealing key or not.
  const failure = admissionFailure(desired, claim === undefined ? null : existing, rules);
  if (failure) return { action: 'refuse', failure };
  if (existing === null) return planMissing(owner, status, desired);

  const { name, namespace } = desired.metadata;
  if (claim === undefined) {
    if (isEqualButUnproven(desired, existing)) {
      return { action: 'nothing', secret: existing, ownership: 'Status' };
    }
    return { action: 'refuse', failure: { code: 'NotManaged', name } };
  }
  const applied = isApplied(status, owner, existing);
  const preserveOthers = claim !== 'adopted' && applied;
  const wanted = applied ? keepItems(impure, desired, existing) : desired;
  const { secret, owners, ownership } = target({ owner, desired: wanted, existing, claim, preserveOthers });
  const done: Plan = { action: 'nothing', secret: existing, ownership };
  // The missing ownership annotation alone is no reason to write.
  if (isEqual(withoutProof(secret), withoutProof(existing)) && sameOwners(owners, existing)) return done;
  if (!rules.repair && (preserveOthers || (applied && isMarked(desired, MANAGED)))) return done;
  if (typeOf(secret) !== typeOf(existing)) {
    return { action: 'refuse', failure: { code: 'TypeChange', namespace, name } };
  }
  if (existing.immutable && !sameData(secret, existing)) {
    return { action: 'refuse', failure: { code: 'Immutable', namespace, name } };
  }
  return { action: 'update', secret, owners, ownership, repair: isSynced(status, owner) };
}

/** Returns the desired Secret with the existing values of the named items. */
function keepItems(items: ReadonlySet<string>, desired: Secret, existing: Secret): Secret {
  const kept = [...existing.data].filter(([item]) => items.has(item) && desired.data.has(item));
  return { ...desired, data: new Map([...desired.data, ...kept]) };
}

/** Returns the status field `applied` for a SealedSecret whose Secret is up to date. */
export function appliedOf(owner: Metadata, secret: Secret, ownership: Ownership): Applied {
  return {
    sealedSecretUID: owner.server.uid,
    generation: owner.server.generation,
    scope: scopeOf(owner.annotations),
    secretUID: secret.metadata.server.uid,
    secretResourceVersion: secret.metadata.server.resourceVersion,
    ownership,
  };
}

function planMissing(owner: Metadata, status: Status, desired: Secret): Plan {
  if (wasPatched(status, owner)) {
    return { action: 'refuse', failure: { code: 'PatchedSecretGone', name: desired.metadata.name } };
  }
  const skip = skipsOwner(desired);
  const ownership = skip ? 'Status' : 'Reference';
  const owners = exclusiveOwners(owner, skip);
  const secret = withProof(desired, owner);
  return { action: 'create', secret, owners, ownership, repair: isSynced(status, owner) };
}

/**
 * Whether the missing Secret belonged to others and was only patched. Its owner may recreate it; the controller recreates
 * only Secrets that it created or adopted.
 */
function wasPatched({ applied, conditions }: Status, owner: Metadata): boolean {
  if (applied) return applied.sealedSecretUID === owner.server.uid && applied.ownership === 'None';
  // A CRD without the field `applied` drops it, but keeps the reason.
  const reason = conditions.find(({ type }) => type === 'Synced')?.reason;
  return reason === 'Patched' || reason === 'PatchedSecretGone';
}

/**
 * Why the controller may write an existing Secret: it belongs to the SealedSecret, or its own annotations allow it. A
 * Secret annotated `patch` is merged into, even if it belongs to the SealedSecret.
 */
type Claim = 'owned' | 'adopted' | 'owned and patched' | 'patched' | 'adopted and patched';

function claimOn(existing: Secret, owner: Metadata): Claim | undefined {
  const managed = isMarked(existing, MANAGED);
  const owned = ownershipOf(owner, existing) !== 'None';
  if (isMarked(existing, PATCH)) {
    return owned ? 'owned and patched' : managed ? 'adopted and patched' : 'patched';
  }
  if (owned) return 'owned';
  return managed ? 'adopted' : undefined;
}

function isMarked(secret: Secret, annotation: string): boolean {
  return secret.metadata.annotations.get(annotation) === 'true';
}

/**
 * Whether the Secret has the content that a template with `skip-set-owner-references` describes, but nothing on it proves
 * its owner: the reference implementation or an earlier release created it, or its SealedSecret was replaced. Equal
 * content is no proof, so such a Secret is never written; as long as it is equal, no write is needed.
 */
function isEqualButUnproven(desired: Secret, existing: Secret): boolean {
  if (!skipsOwner(desired) || controllerOf(existing.metadata)) return false;
  return isEqual(overwrite(desired, existing), withoutProof(existing));
}

interface Target {
  readonly secret: Secret;
  readonly owners: readonly OwnerReference[];
  readonly ownership: Ownership;
}

interface TargetInput {
  readonly owner: Metadata;
  readonly desired: Secret;
  readonly existing: Secret;
  readonly claim: Claim;
  /** Whether labels, annotations and owners that others added stay. */
  readonly preserveOthers: boolean;
}

/** Returns the Secret as it should be after a write. */
function target({ owner, desired, existing, claim, preserveOthers }: TargetInput): Target {
  const skip = skipsOwner(desired);
  const ownership = skip ? 'Status' : 'Reference';
  const proven = withProof(desired, owner);
  const exclusive = exclusiveOwners(owner, skip, existing);
  const shared = sharedOwners(owner, skip, existing);
  switch (claim) {
    case 'owned':
      return preserveOthers
        ? { secret: restore(proven, existing), owners: shared, ownership }
        : { secret: overwrite(proven, existing), owners: exclusive, ownership };
    case 'adopted':
      return { secret: overwrite(proven, existing), owners: exclusive, ownership };
    case 'owned and patched':
      return { secret: mergeOwned(proven, existing), owners: shared, ownership };
    case 'patched': {
      const owners = existing.metadata.server.ownerReferences;
      return { secret: merge(desired, existing), owners, ownership: 'None' };
    }
    case 'adopted and patched': {
      const owners = preserveOthers ? shared : exclusive;
      return { secret: mergeOwned(proven, existing), owners, ownership };
    }
  }
}

function skipsOwner(desired: Secret): boolean {
  return isMarked(desired, SKIP_OWNER);
}

/** Whether the SealedSecret's current generation and scope were applied to this Secret, identified by its UID. */
function isApplied(status: Status, owner: Metadata, existing: Secret): boolean {
  const { applied } = status;
  if (!isSynced(status, owner)) return false;
  // A CRD without the field `applied`, such as the reference implementation's, drops it.
  return applied
    ? applied.secretUID === existing.metadata.server.uid
    : ownershipOf(owner, existing) !== 'None';
}

/** Whether the SealedSecret's current generation and scope were applied to any Secret. */
function isSynced(status: Status, owner: Metadata): boolean {
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
