import type { Metadata } from '../../shared/api/metadata.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRET_METADATA, SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../log/log.ts';
import type { WorkQueue } from '../workqueue/work-queue.ts';
import type { InitialSync } from './initial-sync.ts';
import { Reflector, type WatchObserver } from './reflector.ts';
import { SealedSecretSink, type SealedSecretSinkOptions } from './sealed-secrets.ts';
import { SecretSink } from './secrets.ts';

export interface InformerOptions extends SealedSecretSinkOptions {
  /** Undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
  /** Of SealedSecrets; Secrets are looked at whatever their labels. */
  readonly labelSelector: string;
  /** Whether Secrets are watched too. */
  readonly secrets: boolean;
  /** How long a Secret has to wait until it is repaired, in milliseconds. */
  readonly pause: (ref: Ref) => number;
  /** Returns the observer of one more watch. */
  readonly observer: (watched: 'sealedsecrets' | 'secrets') => WatchObserver;
  /** Learns of the first complete list of SealedSecrets in each namespace. */
  readonly initialSync: InitialSync;
}

/** What the watches need to run. */
export interface InformerDependencies {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is watched in one namespace, or in all of them. */
interface NamespaceInformers {
  readonly namespace: string | undefined;
  readonly sealedSecrets: SealedSecretSink;
  readonly secrets: SecretSink;
}

/** The watches of SealedSecrets and of their Secrets. */
export class Informers {
  /** By namespace, which is undefined where one area is all of them. */
  readonly #areas: ReadonlyMap<string | undefined, NamespaceInformers>;
  readonly #options: InformerOptions;

  constructor(queue: WorkQueue, options: InformerOptions) {
    this.#options = options;
    const areas = (options.namespaces ?? [undefined]).map((namespace) => {
      const sealedSecrets = new SealedSecretSink(queue, options);
      const secrets = new SecretSink(queue, (ref) => sealedSecrets.has(ref), options.pause);
      return { namespace, sealedSecrets, secrets };
    });
    this.#areas = new Map(areas.map((area) => [area.namespace, area]));
  }

  get watchesSecrets(): boolean {
    return this.#options.secrets;
  }

  has(ref: Ref): boolean {
    return this.#area(ref)?.sealedSecrets.has(ref) ?? false;
  }

  deletedUid(ref: Ref): string | undefined {
    return this.#area(ref)?.sealedSecrets.deletedUid(ref);
  }

  markCleanedUp(ref: Ref, uid: string): void {
    this.#area(ref)?.sealedSecrets.markCleanedUp(ref, uid);
  }

  /** See {@link SecretSink.note}. */
  note(secret: Metadata): void {
    if (this.watchesSecrets) this.#area(secret)?.secrets.note(secret);
  }

  async run({ api, clock, log }: InformerDependencies, signal: AbortSignal): Promise<void> {
    const { labelSelector, secrets, observer, initialSync } = this.#options;
    const reflectors = [...this.#areas.values()].flatMap((area) => {
      const { namespace } = area;
      const query = namespace === undefined ? {} : { namespace };
      const sealedSecrets = new Reflector({
        api,
        clock,
        log,
        kind: SEALED_SECRET_METADATA,
        query: { ...query, labelSelector },
        sink: area.sealedSecrets,
        observer: initialSync.observer(namespace, observer('sealedsecrets')),
      });
      if (!secrets) return [sealedSecrets];
      const kind = SECRET_METADATA;
      return [
        sealedSecrets,
        new Reflector({ api, clock, log, kind, query, sink: area.secrets, observer: observer('secrets') }),
      ];
    });
    await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
  }

  #area({ namespace }: Ref): NamespaceInformers | undefined {
    return this.#areas.get(undefined) ?? this.#areas.get(namespace);
  }
}
