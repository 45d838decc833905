import { MANAGED, PATCH, SKIP_OWNER } from '../../shared/api/annotations.ts';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { ownershipOf } from './ownership.ts';

/**
 * Why the controller may write an existing Secret: it belongs to the SealedSecret, or its own annotations allow it. A
 * Secret annotated `patch` is merged into, even if it belongs to the SealedSecret.
 */
export type Claim = 'owned' | 'adopted' | 'owned and patched' | 'patched' | 'adopted and patched';

/** Returns the claim of a SealedSecret on an existing Secret, or undefined if it must not write the Secret. */
export function claimOn(existing: Secret, owner: Metadata): Claim | undefined {
  const managed = isMarked(existing, MANAGED);
  const owned = ownershipOf(owner, existing) !== 'None';
  if (isMarked(existing, PATCH)) {
    return owned ? 'owned and patched' : managed ? 'adopted and patched' : 'patched';
  }
  if (owned) return 'owned';
  return managed ? 'adopted' : undefined;
}

/** Whether an annotation of the Secret is set to `true`. Other values do not count. */
export function isMarked(secret: Secret, annotation: string): boolean {
  return secret.metadata.annotations.get(annotation) === 'true';
}

/** Whether a template asks for a Secret without owner reference. */
export function skipsOwner(desired: Secret): boolean {
  return isMarked(desired, SKIP_OWNER);
}
