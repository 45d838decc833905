import { MANAGED } from '../../shared/api/annotations.ts';
import { controllerOf, type Metadata, type OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Ownership, Status } from '../../shared/api/status.ts';
import { reconcileFailure } from '../status/errors.ts';
import { admissionFailure, type Refusal, type Rules } from './admission.ts';
import { isApplied, isSynced, wasPatched } from './applied.ts';
import { claimOn, isMarked, skipsOwner } from './claim.ts';
import { isEqual, overwrite, sameData, typeOf } from './merge.ts';
import { exclusiveOwners, sameOwners } from './owner-references.ts';
import { withoutProof, withProof } from './ownership.ts';
import { targetOf } from './target.ts';

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
  | { readonly action: 'refuse'; readonly failure: Refusal };

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
    return { action: 'refuse', failure: reconcileFailure({ code: 'NotManaged', name }) };
  }
  const applied = isApplied(status, owner, existing);
  const preserveOthers = claim !== 'adopted' && applied;
  const wanted = applied ? keepItems(impure, desired, existing) : desired;
  const { secret, owners, ownership } = targetOf({ owner, desired: wanted, existing, claim, preserveOthers });
  const done: Plan = { action: 'nothing', secret: existing, ownership };
  // The missing ownership annotation alone is no reason to write.
  if (isEqual(withoutProof(secret), withoutProof(existing)) && sameOwners(owners, existing)) return done;
  if (!rules.repair && (preserveOthers || (applied && isMarked(desired, MANAGED)))) return done;
  if (typeOf(secret) !== typeOf(existing)) {
    return { action: 'refuse', failure: reconcileFailure({ code: 'TypeChange', namespace, name }) };
  }
  if (existing.immutable && !sameData(secret, existing)) {
    return { action: 'refuse', failure: reconcileFailure({ code: 'Immutable', namespace, name }) };
  }
  return { action: 'update', secret, owners, ownership, repair: isSynced(status, owner) };
}

/** Returns the desired Secret with the existing values of the named items. */
function keepItems(items: ReadonlySet<string>, desired: Secret, existing: Secret): Secret {
  const kept = [...existing.data].filter(([item]) => items.has(item) && desired.data.has(item));
  return { ...desired, data: new Map([...desired.data, ...kept]) };
}

function planMissing(owner: Metadata, status: Status, desired: Secret): Plan {
  if (wasPatched(status, owner)) {
    return {
      action: 'refuse',
      failure: reconcileFailure({ code: 'PatchedSecretGone', name: desired.metadata.name }),
    };
  }
  const skip = skipsOwner(desired);
  const ownership = skip ? 'Status' : 'Reference';
  const owners = exclusiveOwners(owner, skip);
  const secret = withProof(desired, owner);
  return { action: 'create', secret, owners, ownership, repair: isSynced(status, owner) };
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
