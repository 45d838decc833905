import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Status } from '../../shared/api/status.ts';
import { showRef, type Ref } from '../../shared/cluster/api.ts';

/**
 * What was last told of each SealedSecret: the status cannot say it where it must not or may not be written, nor all
 * of it where the cluster's CRD is older than this controller and drops what it does not know.
 */
export class Memory {
  readonly #told = new Map<string, { readonly uid: string; readonly status: Status }>();

  /** What was told of this very object, if it was since the start. */
  told({ metadata }: StoredSealedSecret): Status | undefined {
    const told = this.#told.get(showRef(metadata));
    return told?.uid === metadata.server.uid ? told.status : undefined;
  }

  keep({ metadata }: StoredSealedSecret, status: Status): void {
    this.#told.set(showRef(metadata), { uid: metadata.server.uid, status });
  }

  forget(ref: Ref): void {
    this.#told.delete(showRef(ref));
  }
}
