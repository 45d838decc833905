import { controllerOf } from '../../shared/api/metadata.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { ApplyContext } from './apply.ts';

/**
 * Deletes the Secret of a SealedSecret that is gone, as `--old-gc-behavior` asks: only one that this very SealedSecret
 * controlled, and only as it was read. The caller has seen that the SealedSecret is gone. Gives whether it did; throws
 * a conflict where it has changed since.
 */
export async function deleteOwnedSecret(
  { api }: ApplyContext,
  ref: Ref,
  ownerUID: string,
  signal: AbortSignal,
): Promise<boolean> {
  const secret = await api.get(SECRETS, ref, signal);
  if (secret === null || controllerOf(secret.metadata)?.uid !== ownerUID) return false;
  const { uid, resourceVersion } = secret.metadata.server;
  await api.delete(SECRETS, ref, { uid, resourceVersion }, signal);
  return true;
}
