import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';

/** A SealedSecret and the keys that opened it. */
interface Use {
  readonly ref: Ref;
  readonly keys: readonly Fingerprint[];
}

/** Records which sealing keys opened each SealedSecret when it was last reconciled. */
export class KeyUses {
  readonly #uses = new Map<string, Use>();
  readonly #isInUse: (key: Fingerprint) => boolean;
  readonly #enqueue: (ref: Ref) => void;

  /**
   * @param isInUse returns whether a key still opens
   * @param enqueue queues a SealedSecret that needs a key which is no longer in use
   */
  constructor(isInUse: (key: Fingerprint) => boolean, enqueue: (ref: Ref) => void) {
    this.#isInUse = isInUse;
    this.#enqueue = enqueue;
  }

  /** Records the keys that opened a SealedSecret; none if it was not opened. */
  opened({ namespace, name }: Ref, keys: Iterable<Fingerprint>): void {
    const ref = { namespace, name };
    const use = { ref, keys: [...new Set(keys)] };
    if (use.keys.length === 0) return this.forget(ref);
    this.#uses.set(showRef(ref), use);
    // A key may have gone out of use while the SealedSecret was being opened.
    this.#check(use);
  }

  /** Forgets a SealedSecret that is gone or was not opened. */
  forget(ref: Ref): void {
    this.#uses.delete(showRef(ref));
  }

  /** Queues each SealedSecret that needs a key which is no longer in use. */
  onKeysRemoved(): void {
    for (const use of this.#uses.values()) this.#check(use);
  }

  #check({ ref, keys }: Use): void {
    if (!keys.every(this.#isInUse)) this.#enqueue(ref);
  }
}
