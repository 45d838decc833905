import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';

/** The SealedSecrets that no key opened: no time heals them, but a key that comes may. */
export class WaitingForKeys {
  readonly #refs = new Map<string, Ref>();
  readonly #again: (ref: Ref) => void;
  #arrivals = 0;

  /** @param again is called with each of them when keys have come. */
  constructor(again: (ref: Ref) => void) {
    this.#again = again;
  }

  /** To be noted before the work on a SealedSecret begins: keys may come while it is tried with those of before. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** No key opened it of those that were there at that number of arrivals. */
  add(ref: Ref, arrivals: number): void {
    if (arrivals === this.#arrivals) this.#refs.set(showRef(ref), ref);
    else this.#again(ref);
  }

  /** It waits no longer. */
  remove(ref: Ref): void {
    this.#refs.delete(showRef(ref));
  }

  onKeysAdded(): void {
    this.#arrivals++;
    const refs = [...this.#refs.values()];
    this.#refs.clear();
    for (const ref of refs) this.#again(ref);
  }
}
