import { controllerOf } from '../../shared/api/metadata.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Log } from '../log/log.ts';
import { subjectOf } from '../log/subject.ts';

/** The deleted SealedSecrets whose Secrets have to be deleted too (`--old-gc-behavior`). */
export interface DeletedSealedSecrets {
  /** Returns the UID of a deleted SealedSecret of this name whose Secret has to be deleted too. */
  deletedUid(ref: Ref): string | undefined;
  /** Marks the deleted SealedSecret's Secret as cleaned up. */
  markCleanedUp(ref: Ref, uid: string): void;
}

/** What `cleanUp` depends on. */
export interface CleanUpContext {
  readonly api: Api;
  readonly informers: DeletedSealedSecrets;
  readonly log: Log;
}

/**
 * Deletes the Secret of a SealedSecret that was deleted, or that was replaced by another one of the same name.
 *
 * @throws ApiError with status 409 when the Secret has changed since it was read
 */
export async function cleanUp(
  { ref, stored }: { readonly ref: Ref; readonly stored: StoredSealedSecret | null },
  { api, informers, log }: CleanUpContext,
  signal: AbortSignal,
): Promise<void> {
  const ownerUid = informers.deletedUid(ref);
  if (ownerUid === undefined) return;
  const isDeleted = stored?.metadata.server.uid !== ownerUid;
  if (isDeleted && (await deleteOwnedSecret({ ref, ownerUid }, api, signal))) {
    log.info('Secret deleted with its SealedSecret', { object: subjectOf(ref) });
  }
  informers.markCleanedUp(ref, ownerUid);
}

/** Deletes a Secret if the deleted SealedSecret is its controller. Returns whether it did. */
async function deleteOwnedSecret(
  { ref, ownerUid }: { readonly ref: Ref; readonly ownerUid: string },
  api: Api,
  signal: AbortSignal,
): Promise<boolean> {
  const secret = await api.get(SECRETS, ref, signal);
  if (secret === null || controllerOf(secret.metadata)?.uid !== ownerUid) return false;
  const { uid, resourceVersion } = secret.metadata.server;
  await api.delete(SECRETS, ref, { uid, resourceVersion, signal });
  return true;
}
