import type { WatchObserver } from './reflector.ts';

/**
 * Knows whether the first list of SealedSecrets is complete in each watched namespace: until then a controller unseals
 * nothing, and must not replace one that does.
 *
 * A namespace in which listing is forbidden, and a cluster without the CustomResourceDefinition, have nothing to wait
 * for. What was listed once stays so: a watch that fails later takes no certificate offline.
 */
export class InitialSync {
  readonly #total: number;
  readonly #missing: Set<string | undefined>;

  /** @param namespaces the watched namespaces; undefined: all of them in one list */
  constructor(namespaces: readonly string[] | undefined) {
    this.#missing = new Set(namespaces ?? [undefined]);
    this.#total = this.#missing.size;
  }

  /** Returns one line that says what is missing, or undefined. Names no namespace: anyone may read it. */
  get missing(): string | undefined {
    const missing = this.#missing.size;
    if (missing === 0) return undefined;
    const where = this.#total === 1 ? '' : ` in ${missing} of ${this.#total} namespaces`;
    return `sealedsecrets have not been listed yet${where}`;
  }

  /** Returns an observer of the SealedSecrets of one namespace, or of all, that passes everything on to another one. */
  observer(namespace: string | undefined, next: WatchObserver): WatchObserver {
    return {
      restarted: () => next.restarted(),
      heard: () => next.heard(),
      skipped: () => next.skipped(),
      listed: () => {
        this.#missing.delete(namespace);
        next.listed();
      },
      listFailed: (failure) => {
        if (failure !== 'failed') this.#missing.delete(namespace);
        next.listFailed(failure);
      },
    };
  }
}
