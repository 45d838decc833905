import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Status } from '../../shared/api/status.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { ownConditions } from './conditions.ts';

/**
 * What was last reported of each SealedSecret: the status cannot hold it where it must not or may not be written, nor all
 * of it where the cluster's CRD is older than this controller and drops what it does not know. Conditions of others are
 * not kept: anyone who may write a status makes them as large as an object may be.
 */
export class LastReportedStatus {
  readonly #told = new Map<string, { readonly uid: string; readonly status: Status }>();

  /** What was told of this very object, if it was since the start. */
  get({ metadata }: StoredSealedSecret): Status | undefined {
    const told = this.#told.get(showRef(metadata));
    return told?.uid === metadata.server.uid ? told.status : undefined;
  }

  set({ metadata }: StoredSealedSecret, status: Status): void {
    const own = { ...status, conditions: ownConditions(status.conditions) };
    this.#told.set(showRef(metadata), { uid: metadata.server.uid, status: own });
  }

  forget(ref: Ref): void {
    this.#told.delete(showRef(ref));
  }
}
