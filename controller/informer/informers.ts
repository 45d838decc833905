import type { Metadata } from '../../shared/api/metadata.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRET_METADATA, SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../log/log.ts';
import type { WorkQueue } from '../workqueue/work-queue.ts';
import type { InitialSync } from './initial-sync.ts';
import { Reflector } from './reflector.ts';
import { SealedSecretSink, type SealedSecretSinkOptions } from './sealed-secrets.ts';
import { SecretSink } from './secrets.ts';
import type { WatchObserver } from './watch-observer.ts';

/** Options of `Informers`. */
export interface InformerOptions extends SealedSecretSinkOptions {
  /** The namespaces to watch; undefined for all of them. */
  readonly namespaces: readonly string[] | undefined;
  /** Selects SealedSecrets. Secrets are watched whatever their labels. */
  readonly labelSelector: string;
  /** Whether to watch Secrets too. */
  readonly watchSecrets: boolean;
  /** Returns how long to wait before a Secret is repaired, in ms. */
  readonly repairPause: (ref: Ref) => number;
  /** Returns the observer of one more watch. */
  readonly watchObserver: (resource: 'sealedsecrets' | 'secrets') => WatchObserver;
  /** Tracks the first complete list of SealedSecrets in each namespace. */
  readonly initialSync: InitialSync;
}

/** What the informers need to run. */
export interface InformerDependencies {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
}

/** The caches of one namespace, or of all of them. */
interface NamespaceCaches {
  readonly namespace: string | undefined;
  readonly sealedSecrets: SealedSecretSink;
  readonly secrets: SecretSink;
}

/** Watches SealedSecrets and their Secrets, and queues the SealedSecrets that need a reconcile. */
export class Informers {
  /** By namespace; the only key is undefined if all namespaces are watched together. */
  readonly #caches: ReadonlyMap<string | undefined, NamespaceCaches>;
  readonly #options: InformerOptions;

  constructor(queue: WorkQueue, options: InformerOptions) {
    this.#options = options;
    const caches = (options.namespaces ?? [undefined]).map((namespace): NamespaceCaches => {
      const sealedSecrets = new SealedSecretSink(queue, options);
      const hasSealedSecret = (ref: Ref): boolean => sealedSecrets.has(ref);
      const secrets = new SecretSink({ queue, hasSealedSecret, repairPause: options.repairPause });
      return { namespace, sealedSecrets, secrets };
    });
    this.#caches = new Map(caches.map((each) => [each.namespace, each]));
  }

  /** Whether Secrets are watched too. */
  get watchesSecrets(): boolean {
    return this.#options.watchSecrets;
  }

  /** See {@link SealedSecretSink.has}. */
  has(ref: Ref): boolean {
    return this.#cachesOf(ref)?.sealedSecrets.has(ref) ?? false;
  }

  /** See {@link SealedSecretSink.deletedUid}. */
  deletedUid(ref: Ref): string | undefined {
    return this.#cachesOf(ref)?.sealedSecrets.deletedUid(ref);
  }

  /** See {@link SealedSecretSink.markCleanedUp}. */
  markCleanedUp(ref: Ref, uid: string): void {
    this.#cachesOf(ref)?.sealedSecrets.markCleanedUp(ref, uid);
  }

  /** See {@link SecretSink.record}. */
  recordSecret(secret: Metadata): void {
    if (this.watchesSecrets) this.#cachesOf(secret)?.secrets.record(secret);
  }

  /** Runs all watches until the signal aborts. */
  async run(dependencies: InformerDependencies, signal: AbortSignal): Promise<void> {
    const { labelSelector, watchSecrets, watchObserver, initialSync } = this.#options;
    const reflectors = [...this.#caches.values()].flatMap(({ namespace, sealedSecrets, secrets }) => {
      const query = namespace === undefined ? {} : { namespace };
      const sealedSecretReflector = new Reflector({
        ...dependencies,
        kind: SEALED_SECRET_METADATA,
        query: { ...query, labelSelector },
        sink: sealedSecrets,
        observer: initialSync.observer(namespace, watchObserver('sealedsecrets')),
      });
      if (!watchSecrets) return [sealedSecretReflector];
      const secretReflector = new Reflector({
        ...dependencies,
        kind: SECRET_METADATA,
        query,
        sink: secrets,
        observer: watchObserver('secrets'),
      });
      return [sealedSecretReflector, secretReflector];
    });
    await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
  }

  #cachesOf({ namespace }: Ref): NamespaceCaches | undefined {
    return this.#caches.get(undefined) ?? this.#caches.get(namespace);
  }
}
