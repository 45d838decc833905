import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Status } from '../../shared/api/status.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { ownConditions } from './conditions.ts';

/**
 * The last reported status of each SealedSecret since the start. The cluster may not hold it: writing the status can be
 * disabled or forbidden, and an older CRD drops fields that it does not know. Conditions of other controllers are left
 * out, since a client that may write a status can make them as large as an object may be.
 */
export class LastReportedStatus {
  readonly #statuses = new Map<string, { readonly uid: string; readonly status: Status }>();

  /** Returns the status last reported for the object with this UID, if any. */
  get({ metadata }: StoredSealedSecret): Status | undefined {
    const entry = this.#statuses.get(showRef(metadata));
    return entry?.uid === metadata.server.uid ? entry.status : undefined;
  }

  /** Stores the reported status of an object, without conditions of other controllers. */
  set({ metadata }: StoredSealedSecret, status: Status): void {
    const own = { ...status, conditions: ownConditions(status.conditions) };
    this.#statuses.set(showRef(metadata), { uid: metadata.server.uid, status: own });
  }

  /** Removes all statuses: another replica may have reported others since. */
  clear(): void {
    this.#statuses.clear();
  }

  /** Removes the status of an object that is gone. */
  forget(ref: Ref): void {
    this.#statuses.delete(showRef(ref));
  }
}
