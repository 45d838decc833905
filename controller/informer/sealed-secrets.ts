import { createHash } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Priority, WorkQueue } from '../workqueue/work-queue.ts';
import type { Sink } from './reflector.ts';

/** The last state seen of a SealedSecret. */
interface Seen {
  readonly ref: Ref;
  readonly uid: string;
  readonly digest: string;
}

/** Options of `SealedSecretSink`. */
export interface SealedSecretSinkOptions {
  /** Called when a SealedSecret is created, changed or deleted: a reconcile of its old state is outdated. */
  readonly onChange?: (ref: Ref) => void;
  /** Called when a SealedSecret that existed before has changed. */
  readonly onUpdate?: (ref: Ref) => void;
  /** Whether to remember the UIDs of deleted SealedSecrets, so that a reconcile can delete their Secrets. */
  readonly keepDeletedUids?: boolean;
}

/**
 * Queues a SealedSecret when anything changes that its Secret depends on. The controller's own status updates change
 * neither the generation nor labels nor annotations. The scope annotations do not change the generation but matter, so
 * metadata is compared too.
 */
export class SealedSecretSink implements Sink {
  readonly #queue: WorkQueue;
  readonly #options: SealedSecretSinkOptions;
  readonly #seen = new Map<string, Seen>();
  /** By `NAMESPACE/NAME`: the UID of a deleted SealedSecret whose Secret is not cleaned up yet. */
  readonly #deletedUids = new Map<string, string>();
  #priority: Priority = 'low';

  constructor(queue: WorkQueue, options: SealedSecretSinkOptions = {}) {
    this.#queue = queue;
    this.#options = options;
  }

  caughtUp(): void {
    this.#priority = 'high';
  }

  /** Returns whether the SealedSecret exists. */
  has(ref: Ref): boolean {
    return this.#seen.has(showRef(ref));
  }

  /**
   * Returns the UID of a deleted SealedSecret whose Secret is not cleaned up yet. A SealedSecret that no longer matches
   * the label selector looks deleted too.
   */
  deletedUid(ref: Ref): string | undefined {
    return this.#deletedUids.get(showRef(ref));
  }

  /** Marks the Secret of a deleted SealedSecret as cleaned up. */
  markCleanedUp(ref: Ref, uid: string): void {
    const key = showRef(ref);
    if (this.#deletedUids.get(key) === uid) this.#deletedUids.delete(key);
  }

  seen(object: Metadata): void {
    const key = showRef(object);
    const digest = digestOf(object);
    const before = this.#seen.get(key);
    if (before?.digest === digest) return;
    const ref = { namespace: object.namespace, name: object.name };
    const { uid } = object.server;
    // Deleted and recreated while there was no watch.
    if (before && before.uid !== uid) this.#keepDeletedUid(key, before.uid);
    this.#seen.set(key, { ref, uid, digest });
    this.#queue.add(ref, this.#priority);
    if (before?.uid === uid) this.#options.onUpdate?.(ref);
    this.#options.onChange?.(ref);
  }

  gone(ref: Ref): void {
    const key = showRef(ref);
    const before = this.#seen.get(key);
    if (before === undefined) return;
    this.#seen.delete(key);
    this.#keepDeletedUid(key, before.uid);
    this.#queue.forget(ref);
    // The last reconcile drops what the controller keeps about the object and may delete its Secret.
    this.#queue.add(before.ref, 'high');
    this.#options.onChange?.(ref);
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }

  #keepDeletedUid(key: string, uid: string): void {
    if (this.#options.keepDeletedUids) this.#deletedUids.set(key, uid);
  }
}

/** Returns a digest instead of the metadata: an annotation may contain a copy of the whole object. */
function digestOf({ labels, annotations, server }: Metadata): string {
  const { uid, generation, deleting } = server;
  const parts = JSON.stringify([uid, generation, deleting, [...labels].sort(), [...annotations].sort()]);
  return createHash('sha256').update(parts).digest('base64');
}
