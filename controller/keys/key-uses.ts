import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';

interface Use {
  readonly ref: Ref;
  readonly keys: readonly Fingerprint[];
}

/** The sealing keys that opened each SealedSecret when it was last reconciled. */
export class KeyUses {
  readonly #uses = new Map<string, Use>();
  readonly #isInUse: (key: Fingerprint) => boolean;
  readonly #again: (ref: Ref) => void;

  /**
   * @param isInUse returns whether a key still opens
   * @param again is called with each SealedSecret that needs a key that was taken out of use
   */
  constructor(isInUse: (key: Fingerprint) => boolean, again: (ref: Ref) => void) {
    this.#isInUse = isInUse;
    this.#again = again;
  }

  /** Notes the keys that opened a SealedSecret; none where it stays closed. */
  opened({ namespace, name }: Ref, keys: Iterable<Fingerprint>): void {
    const ref = { namespace, name };
    const use = { ref, keys: [...new Set(keys)] };
    if (use.keys.length === 0) return this.forget(ref);
    this.#uses.set(showRef(ref), use);
    // A key may have gone while the SealedSecret was being opened.
    this.#check(use);
  }

  forget(ref: Ref): void {
    this.#uses.delete(showRef(ref));
  }

  /** Has each SealedSecret reconciled again that needs a key that is no longer in use. */
  onKeysRemoved(): void {
    for (const use of this.#uses.values()) this.#check(use);
  }

  #check({ ref, keys }: Use): void {
    if (!keys.every(this.#isInUse)) this.#again(ref);
  }
}
