import type { Metadata } from '../../shared/api/metadata.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { SEALED_SECRETS, SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
import type { WorkQueue } from '../workqueue/work-queue.ts';
import type { InformerDependencies, InformerOptions } from './informers.ts';
import { Reflector } from './reflector.ts';
import { SealedSecretSink } from './sealed-secrets.ts';
import { SecretSink } from './secrets.ts';
import type { WatchObserver } from './watch-observer.ts';

/** How long the SealedSecrets of the first list wait for the list of Secrets, in ms, before all are reconciled. */
const SECRETS_LIST_LIMIT = 30_000;

/** Watches the SealedSecrets and Secrets of one namespace, or of all namespaces. */
export class NamespaceInformer {
  readonly sealedSecrets: SealedSecretSink;
  readonly secrets: SecretSink;
  readonly #namespace: string | undefined;
  readonly #options: InformerOptions;
  /** The first lists that are not complete yet. */
  readonly #missing: Set<'sealedsecrets' | 'secrets'>;

  /** @param namespace undefined for all namespaces */
  constructor(namespace: string | undefined, queue: WorkQueue, options: InformerOptions) {
    this.#namespace = namespace;
    this.#options = options;
    this.#missing = new Set(options.watchSecrets ? ['sealedsecrets', 'secrets'] : ['sealedsecrets']);
    this.sealedSecrets = new SealedSecretSink(
      {
        queue,
        isSecretAt: (ref, version) => this.secrets.isAt(ref, version),
        onListed: () => this.#listed('sealedsecrets'),
      },
      options,
    );
    this.secrets = new SecretSink({
      queue,
      hasSealedSecret: (ref) => this.sealedSecrets.has(ref),
      dropIfUpToDate: (ref) => this.sealedSecrets.dropIfUpToDate(ref),
      repairPause: options.repairPause,
      onListed: () => this.#listed('secrets'),
    });
  }

  /** Runs the watches until the signal aborts. */
  async run(dependencies: InformerDependencies, signal: AbortSignal): Promise<void> {
    const { labelSelector, watchSecrets, watchObserver, initialSync } = this.#options;
    const query = this.#namespace === undefined ? {} : { namespace: this.#namespace };
    const sealedSecrets = new Reflector<StoredSealedSecret>({
      ...dependencies,
      kind: SEALED_SECRETS,
      refOf: ({ metadata }) => metadata,
      query: { ...query, labelSelector },
      sink: this.sealedSecrets,
      observer: initialSync.observer(this.#namespace, watchObserver('sealedsecrets')),
    });
    if (!watchSecrets) return sealedSecrets.run(signal);
    const secrets = new Reflector<Metadata>({
      ...dependencies,
      kind: SECRET_METADATA,
      refOf: (secret) => secret,
      query,
      sink: this.secrets,
      observer: this.#secretsObserver(watchObserver('secrets')),
    });
    const verified = this.#verifyWithoutSecrets(dependencies, signal);
    await Promise.all([sealedSecrets.run(signal), secrets.run(signal), verified]);
  }

  /** A cluster that does not serve the list of Secrets must not keep SealedSecrets waiting. */
  async #verifyWithoutSecrets({ clock }: InformerDependencies, signal: AbortSignal): Promise<void> {
    await clock.sleep(SECRETS_LIST_LIMIT, signal).then(
      () => this.#listed('secrets'),
      () => undefined,
    );
  }

  #listed(kind: 'sealedsecrets' | 'secrets'): void {
    this.#missing.delete(kind);
    if (this.#missing.size === 0) this.sealedSecrets.verify();
  }

  /** Returns an observer that also stops waiting for a list that the controller has no right to. */
  #secretsObserver(next: WatchObserver): WatchObserver {
    return {
      ...next,
      listFailed: (failure) => {
        if (failure !== 'failed') this.#listed('secrets');
        next.listFailed(failure);
      },
    };
  }
}
