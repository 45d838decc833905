import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';

/** The SealedSecrets that no sealing key opens. Retrying them helps only after a key is added. */
export class WaitingForKeys {
  readonly #refs = new Map<string, Ref>();
  readonly #requeue: (ref: Ref) => void;
  #generation = 0;

  /** @param requeue called for each waiting SealedSecret when a key is added */
  constructor(requeue: (ref: Ref) => void) {
    this.#requeue = requeue;
  }

  /**
   * Increases whenever keys are added. Read it before a reconcile and pass it to `add` afterwards, so that a key that is
   * added in between is not missed.
   */
  get generation(): number {
    return this.#generation;
  }

  /** Adds a SealedSecret that no key of this generation opens. Requeues it at once if keys were added since. */
  add(ref: Ref, generation: number): void {
    if (generation === this.#generation) this.#refs.set(showRef(ref), ref);
    else this.#requeue(ref);
  }

  /** Removes a SealedSecret, which is then not requeued when a key is added. */
  remove(ref: Ref): void {
    this.#refs.delete(showRef(ref));
  }

  /** Requeues and removes every waiting SealedSecret. */
  onKeysAdded(): void {
    this.#generation++;
    const refs = [...this.#refs.values()];
    this.#refs.clear();
    for (const ref of refs) this.#requeue(ref);
  }
}
