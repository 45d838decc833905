import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { Metadata, OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';

/** The owners of a Secret that is written as a whole: the SealedSecret, or nobody where its template says so. */
export function exclusiveOwners(owner: Metadata, skip: boolean, have?: Secret): readonly OwnerReference[] {
  return skip ? [] : [ownReference(owner, have)];
}

/** The owners of a Secret to which others may have added owners. Another controller does not stay: only one can be. */
export function sharedOwners(owner: Metadata, skip: boolean, have: Secret): readonly OwnerReference[] {
  const others = have.metadata.server.ownerReferences.filter(
    ({ uid, controller }) => uid !== owner.server.uid && !controller,
  );
  return [...exclusiveOwners(owner, skip, have), ...others];
}

/** Whether the Secret has these owners, in any order. */
export function sameOwners(owners: readonly OwnerReference[], { metadata }: Secret): boolean {
  const has = new Set(metadata.server.ownerReferences.map(keyOf));
  return has.size === owners.length && owners.every((owner) => has.has(keyOf(owner)));
}

/** The reference to the SealedSecret; whether it blocks that one's deletion is left as it is. */
function ownReference(owner: Metadata, have: Secret | undefined): OwnerReference {
  const now = have?.metadata.server.ownerReferences.find(({ uid }) => uid === owner.server.uid);
  return {
    apiVersion: SEALED_SECRET_VERSION,
    kind: 'SealedSecret',
    name: owner.name,
    uid: owner.server.uid,
    controller: true,
    blockOwnerDeletion: now?.blockOwnerDeletion,
  };
}

function keyOf({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): string {
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion ?? false]);
}
