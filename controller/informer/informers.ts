import type { Metadata } from '../../shared/api/metadata.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../log/log.ts';
import type { WorkQueue } from '../workqueue/work-queue.ts';
import type { InitialSync } from './initial-sync.ts';
import { NamespaceInformer } from './namespace-informer.ts';
import type { SealedSecretSinkOptions } from './sealed-secrets.ts';
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

/** Watches SealedSecrets and their Secrets, and queues the SealedSecrets that need a reconcile. */
export class Informers {
  /** By namespace; the only key is undefined if all namespaces are watched together. */
  readonly #informers: ReadonlyMap<string | undefined, NamespaceInformer>;
  readonly #options: InformerOptions;

  constructor(queue: WorkQueue, options: InformerOptions) {
    this.#options = options;
    const namespaces = options.namespaces ?? [undefined];
    this.#informers = new Map(
      namespaces.map((namespace) => [namespace, new NamespaceInformer(namespace, queue, options)]),
    );
  }

  /** Whether Secrets are watched too. */
  get watchesSecrets(): boolean {
    return this.#options.watchSecrets;
  }

  /** See {@link SealedSecretSink.has}. */
  has(ref: Ref): boolean {
    return this.#of(ref)?.sealedSecrets.has(ref) ?? false;
  }

  /** See {@link SealedSecretSink.take}. */
  take(ref: Ref): StoredSealedSecret | undefined {
    return this.#of(ref)?.sealedSecrets.take(ref);
  }

  /** See {@link SealedSecretSink.deletedUid}. */
  deletedUid(ref: Ref): string | undefined {
    return this.#of(ref)?.sealedSecrets.deletedUid(ref);
  }

  /** See {@link SealedSecretSink.markCleanedUp}. */
  markCleanedUp(ref: Ref, uid: string): void {
    this.#of(ref)?.sealedSecrets.markCleanedUp(ref, uid);
  }

  /** See {@link SecretSink.isMissing}. */
  isMissing(ref: Ref): boolean {
    return this.#of(ref)?.secrets.isMissing(ref) ?? false;
  }

  /** See {@link SecretSink.record}. */
  record(secret: Metadata): void {
    if (this.watchesSecrets) this.#of(secret)?.secrets.record(secret);
  }

  /** See {@link SecretSink.settle}. */
  settle(ref: Ref): void {
    this.#of(ref)?.secrets.settle(ref);
  }

  /** Runs all watches until the signal aborts. */
  async run(dependencies: InformerDependencies, signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((each) => each.run(dependencies, signal)));
  }

  #of({ namespace }: Ref): NamespaceInformer | undefined {
    return this.#informers.get(undefined) ?? this.#informers.get(namespace);
  }
}
