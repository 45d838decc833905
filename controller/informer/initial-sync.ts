import type { WatchObserver } from './watch-observer.ts';

/**
 * Tracks whether the first list of SealedSecrets is complete in each watched namespace. Until then the controller
 * unseals nothing, so it must not report ready and replace a controller that does.
 *
 * A namespace in which listing is forbidden, and a cluster without the CustomResourceDefinition, count as complete. So
 * does a namespace whose watch fails after its first list: the endpoints, such as the certificate, stay available.
 */
export class InitialSync {
  readonly #total: number;
  readonly #missing: Set<string | undefined>;

  /** @param namespaces the watched namespaces; undefined for one list of all namespaces */
  constructor(namespaces: readonly string[] | undefined) {
    this.#missing = new Set(namespaces ?? [undefined]);
    this.#total = this.#missing.size;
  }

  /**
   * A line that says what is missing, or undefined if the sync is complete. It is readable without authentication, so
   * it contains no names of namespaces.
   */
  get missing(): string | undefined {
    const missing = this.#missing.size;
    if (missing === 0) return undefined;
    const where = this.#total === 1 ? '' : ` in ${missing} of ${this.#total} namespaces`;
    return `sealedsecrets have not been listed yet${where}`;
  }

  /**
   * Returns an observer of the SealedSecrets in one namespace, or in all of them, that also forwards each event to
   * another observer.
   */
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
