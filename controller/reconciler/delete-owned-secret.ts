import { controllerOf } from '../../shared/api/metadata.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { ApplyContext } from './apply.ts';

/**
 * Deletes the Secret of a deleted SealedSecret (`--old-gc-behavior`), if that SealedSecret's UID is its controller. The
 * caller has verified that the SealedSecret is gone. Returns whether a Secret was deleted.
 *
 * @throws ApiError with status 409 when the Secret has changed since it was read
 */
export async function deleteOwnedSecret(
  { ref, ownerUid }: { readonly ref: Ref; readonly ownerUid: string },
  { api }: Pick<ApplyContext, 'api'>,
  signal: AbortSignal,
): Promise<boolean> {
  const secret = await api.get(SECRETS, ref, signal);
  if (secret === null || controllerOf(secret.metadata)?.uid !== ownerUid) return false;
  const { uid, resourceVersion } = secret.metadata.server;
  await api.delete(SECRETS, ref, { uid, resourceVersion, signal });
  return true;
}
