import { createHash } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Lane, WorkQueue } from '../workqueue/work-queue.ts';
import type { Sink } from './reflector.ts';

interface Seen {
  readonly ref: Ref;
  readonly uid: string;
  readonly signature: string;
}

export interface SealedSecretSinkOptions {
  /** Is told of each that changed: what is being made of its old state is not wanted any more. */
  readonly onChange?: (ref: Ref) => void;
  /** Is told of each that was there before and is another now. */
  readonly onEdit?: (ref: Ref) => void;
  /** Whether those that are gone are queued once more, for their Secrets to go with them. */
  readonly cleansUp?: boolean;
}

/**
 * Queues a SealedSecret when something changed that its Secret depends on. Our own status writes change neither
 * generation, labels nor annotations; a changed scope annotation changes no generation and counts all the same.
 */
export class SealedSecretSink implements Sink {
  readonly #queue: WorkQueue;
  readonly #options: SealedSecretSinkOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #departed = new Map<string, string>();
  #lane: Lane = 'backlog';

  constructor(queue: WorkQueue, options: SealedSecretSinkOptions = {}) {
    this.#queue = queue;
    this.#options = options;
  }

  caughtUp(): void {
    this.#lane = 'fresh';
  }

  has(ref: Ref): boolean {
    return this.#seen.has(showRef(ref));
  }

  /** The UID of one that is gone, as far as the watch can tell: one that a selector hides goes too. */
  deletedUid(ref: Ref): string | undefined {
    return this.#departed.get(showRef(ref));
  }

  /** Says that nothing is left to be done for the one that is gone. */
  markCleanedUp(ref: Ref, uid: string): void {
    const key = showRef(ref);
    if (this.#departed.get(key) === uid) this.#departed.delete(key);
  }

  seen(object: Metadata): void {
    const key = showRef(object);
    const signature = signatureOf(object);
    const before = this.#seen.get(key);
    if (before?.signature === signature) return;
    const ref = { namespace: object.namespace, name: object.name };
    const { uid } = object.server;
    // It was deleted and made again while nobody watched.
    if (before && before.uid !== uid) this.#depart(key, before.uid);
    this.#seen.set(key, { ref, uid, signature });
    this.#queue.add(ref, this.#lane);
    if (before?.uid === uid) this.#options.onEdit?.(ref);
    this.#options.onChange?.(ref);
  }

  gone(ref: Ref): void {
    const key = showRef(ref);
    const before = this.#seen.get(key);
    if (before === undefined) return;
    this.#seen.delete(key);
    this.#depart(key, before.uid);
    this.#queue.forget(ref);
    // A turn more: what is remembered of it goes, and its Secret where that is asked for.
    this.#queue.add(before.ref, 'fresh');
    this.#options.onChange?.(ref);
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }

  #depart(key: string, uid: string): void {
    if (this.#options.cleansUp) this.#departed.set(key, uid);
  }
}

/** A digest: annotations may hold a whole copy of the object, which is not to stay in memory. */
function signatureOf({ labels, annotations, server }: Metadata): string {
  const { uid, generation, deleting } = server;
  const parts = JSON.stringify([uid, generation, deleting, [...labels].sort(), [...annotations].sort()]);
  return createHash('sha256').update(parts).digest('base64');
}
