import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { Metadata, OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';

/**
 * Returns the owners of a Secret that is written as a whole: the SealedSecret alone.
 *
 * @param skip whether the template asks for no owner reference; then the result is empty
 */
export function exclusiveOwners(
  owner: Metadata,
  skip: boolean,
  existing?: Secret,
): readonly OwnerReference[] {
  return skip ? [] : [ownReference(owner, existing)];
}

/**
 * Returns the owners of a Secret to which others may have added owners: the SealedSecret and those. A different
 * controller is dropped, since an object can have only one.
 *
 * @param skip whether the template asks for no owner reference to the SealedSecret
 */
export function sharedOwners(owner: Metadata, skip: boolean, existing: Secret): readonly OwnerReference[] {
  const others = existing.metadata.server.ownerReferences.filter(
    ({ uid, controller }) => uid !== owner.server.uid && !controller,
  );
  return [...exclusiveOwners(owner, skip, existing), ...others];
}

/** Whether the Secret has exactly these owners, in any order. */
export function sameOwners(owners: readonly OwnerReference[], { metadata }: Secret): boolean {
  const existing = new Set(metadata.server.ownerReferences.map(keyOf));
  return existing.size === owners.length && owners.every((owner) => existing.has(keyOf(owner)));
}

/** Returns the reference to the SealedSecret. An existing reference keeps its `blockOwnerDeletion`. */
function ownReference(owner: Metadata, existing: Secret | undefined): OwnerReference {
  const current = existing?.metadata.server.ownerReferences.find(({ uid }) => uid === owner.server.uid);
  return {
    apiVersion: SEALED_SECRET_VERSION,
    kind: 'SealedSecret',
    name: owner.name,
    uid: owner.server.uid,
    controller: true,
    blockOwnerDeletion: current?.blockOwnerDeletion,
  };
}

function keyOf({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): string {
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion ?? false]);
}
