import type { Metadata, OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Ownership } from '../../shared/api/status.ts';
import { skipsOwner, type Claim } from './claim.ts';
import { merge, mergeOwned, overwrite, restore } from './merge.ts';
import { exclusiveOwners, sharedOwners } from './owner-references.ts';
import { withProof } from './ownership.ts';

/** A Secret as it should be after a write. */
export interface Target {
  readonly secret: Secret;
  readonly owners: readonly OwnerReference[];
  readonly ownership: Ownership;
}

/** The state from which `targetOf` decides. */
export interface TargetInput {
  readonly owner: Metadata;
  readonly desired: Secret;
  readonly existing: Secret;
  readonly claim: Claim;
  /** Whether labels, annotations and owners that others added stay. */
  readonly preserveOthers: boolean;
}

/** Returns the Secret, its owners and its ownership as they should be after a write. Pure. */
export function targetOf({ owner, desired, existing, claim, preserveOthers }: TargetInput): Target {
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
