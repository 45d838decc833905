import { MANAGED, PATCH, SKIP_OWNER } from '../../shared/api/annotations.ts';
import { controllerOf, type Metadata, type OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Applied, Ownership, Status } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { isEqual, merged, mergedOwn, overwritten, restored, sameData, typeOf } from './merge.ts';
import { exclusiveOwners, sharedOwners, sameOwners } from './owner-references.ts';
import { ownershipOf, withoutProof, withProof } from './ownership.ts';
import { refusalOf, type Rules } from './admission.ts';

/** What is to be done to the Secret. */
export type Plan =
  | {
      readonly action: 'create' | 'update';
      readonly secret: Secret;
      readonly owners: readonly OwnerReference[];
      readonly ownership: Ownership;
      /** Whether this state was applied before, so that someone has undone it. Repeated repairs are paused. */
      readonly repair: boolean;
    }
  | { readonly action: 'nothing'; readonly secret: Secret; readonly ownership: Ownership }
  | { readonly action: 'refuse'; readonly failure: Failure };

/**
 * Compares the Secret that a SealedSecret wants with the one there is. Pure: nothing is read or written.
 *
 * A new generation, and a Secret that is taken over, are written as a whole. After that only what the SealedSecret
 * names is restored: the labels, annotations and owners that others add to the Secret are theirs. Whose the Secret is,
 * and what its annotations allow, is read from the Secret as it is, before the template's annotations are merged into
 * it. The status gives no right to a Secret: a forged one can only make the controller write this Secret less often,
 * or not at all. Items in `impure` come out different each time: they keep their value for as long as the generation
 * stands.
 */
export function plan(
  owner: Metadata,
  status: Status,
  template: Secret,
  have: Secret | null,
  rules: Rules,
  impure: ReadonlySet<string> = new Set(),
): Plan {
  const want = withoutProof(template);
  const bond = have === null ? undefined : bondOf(owner, have);
  // What is not its own it would not touch anyway, a key or not.
  const failure = refusalOf(want, bond === undefined ? null : have, rules);
  if (failure) return { action: 'refuse', failure };
  if (have === null) return missing(owner, status, want);

  const { name, namespace } = want.metadata;
  if (bond === undefined) {
    if (isUnproven(want, have)) return { action: 'nothing', secret: have, ownership: 'Status' };
    return { action: 'refuse', failure: { code: 'NotManaged', name } };
  }
  const applied = isApplied(status, owner, have);
  const between = bond !== 'taken over' && applied;
  const wanted = applied ? keeping(impure, want, have) : want;
  const { secret, owners, ownership } = next(owner, wanted, have, bond, between);
  const done: Plan = { action: 'nothing', secret: have, ownership };
  // A Secret is not written for the sake of the proof alone.
  if (isEqual(withoutProof(secret), withoutProof(have)) && sameOwners(owners, have)) return done;
  if (!rules.repair && (between || (applied && isMarked(want, MANAGED)))) return done;
  if (typeOf(secret) !== typeOf(have)) {
    return { action: 'refuse', failure: { code: 'TypeChange', namespace, name } };
  }
  if (have.immutable && !sameData(secret, have)) {
    return { action: 'refuse', failure: { code: 'Immutable', namespace, name } };
  }
  return { action: 'update', secret, owners, ownership, repair: isSynced(status, owner) };
}

function keeping(items: ReadonlySet<string>, want: Secret, have: Secret): Secret {
  const kept = [...have.data].filter(([item]) => items.has(item) && want.data.has(item));
  return { ...want, data: new Map([...want.data, ...kept]) };
}

/** What the status says of a SealedSecret and the Secret that now is as it shall be. */
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

function missing(owner: Metadata, status: Status, want: Secret): Plan {
  if (isOfOthers(status, owner)) {
    return { action: 'refuse', failure: { code: 'PatchedSecretGone', name: want.metadata.name } };
  }
  const skip = skipsOwner(want);
  const ownership = skip ? 'Status' : 'Reference';
  const owners = exclusiveOwners(owner, skip);
  const secret = withProof(want, owner);
  return { action: 'create', secret, owners, ownership, repair: isSynced(status, owner) };
}

/**
 * Whether the Secret that is gone was a patched Secret of others, which their owner may bring back. A Secret that
 * this SealedSecret made, or took over, is made again.
 */
function isOfOthers({ applied, conditions }: Status, owner: Metadata): boolean {
  if (applied) return applied.sealedSecretUID === owner.server.uid && applied.ownership === 'None';
  // A CRD that drops `applied` leaves the reason.
  const reason = conditions.find(({ type }) => type === 'Synced')?.reason;
  return reason === 'Patched' || reason === 'PatchedSecretGone';
}

/**
 * Why this Secret may be written: it belongs to the SealedSecret, or its annotations say so. A Secret with `patch` is
 * merged into, also if it belongs to the SealedSecret.
 */
type Bond = 'own' | 'taken over' | 'own, patched' | 'patched' | 'patched and taken over';

function bondOf(owner: Metadata, have: Secret): Bond | undefined {
  const managed = isMarked(have, MANAGED);
  const own = ownershipOf(owner, have) !== 'None';
  if (isMarked(have, PATCH)) return own ? 'own, patched' : managed ? 'patched and taken over' : 'patched';
  if (own) return 'own';
  return managed ? 'taken over' : undefined;
}

function isMarked(secret: Secret, annotation: string): boolean {
  return secret.metadata.annotations.get(annotation) === 'true';
}

/**
 * Whether the Secret is what a template with `skip-set-owner-references` asks for, but does not show whose it is: it was
 * made by the reference, by an earlier release, or for a SealedSecret that was replaced. Equal content is no proof, so
 * such a Secret is never written; nothing has to be written as long as it is equal.
 */
function isUnproven(want: Secret, have: Secret): boolean {
  if (!skipsOwner(want) || controllerOf(have.metadata)) return false;
  return isEqual(overwritten(want, have), withoutProof(have));
}

function next(
  owner: Metadata,
  want: Secret,
  have: Secret,
  bond: Bond,
  between: boolean,
): { secret: Secret; owners: readonly OwnerReference[]; ownership: Ownership } {
  const skip = skipsOwner(want);
  const isOurs = skip ? 'Status' : 'Reference';
  const whole = withProof(want, owner);
  switch (bond) {
    case 'own':
      return between
        ? { secret: restored(whole, have), owners: sharedOwners(owner, skip, have), ownership: isOurs }
        : { secret: overwritten(whole, have), owners: exclusiveOwners(owner, skip, have), ownership: isOurs };
    case 'taken over':
      return {
        secret: overwritten(whole, have),
        owners: exclusiveOwners(owner, skip, have),
        ownership: isOurs,
      };
    case 'own, patched':
      return { secret: mergedOwn(whole, have), owners: sharedOwners(owner, skip, have), ownership: isOurs };
    case 'patched':
      return { secret: merged(want, have), owners: have.metadata.server.ownerReferences, ownership: 'None' };
    case 'patched and taken over':
      return {
        secret: mergedOwn(whole, have),
        owners: between ? sharedOwners(owner, skip, have) : exclusiveOwners(owner, skip, have),
        ownership: isOurs,
      };
  }
}

function skipsOwner(want: Secret): boolean {
  return isMarked(want, SKIP_OWNER);
}

/** Whether this very state of the SealedSecret was applied to this very Secret before. */
function isApplied(status: Status, owner: Metadata, have: Secret): boolean {
  const { applied } = status;
  if (!isSynced(status, owner)) return false;
  // A CRD that does not know of `applied`, as the reference's, takes it away.
  return applied ? applied.secretUID === have.metadata.server.uid : ownershipOf(owner, have) !== 'None';
}

/** Whether this very state of the SealedSecret was applied before. */
function isSynced(status: Status, owner: Metadata): boolean {
  const { applied, observedGeneration } = status;
  const { uid, generation } = owner.server;
  if (applied) {
    const { sealedSecretUID, scope } = applied;
    return (
      sealedSecretUID === uid && applied.generation === generation && scope === scopeOf(owner.annotations)
    );
  }
  return isTrue(status) && observedGeneration === generation;
}

function isTrue({ conditions }: Status): boolean {
  return conditions.some(({ type, status }) => type === 'Synced' && status === 'True');
}
