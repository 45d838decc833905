import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/cluster/api.ts';
import type { Queue } from '../queue.ts';
import type { Sink } from './reflector.ts';

/**
 * Queues a SealedSecret when the Secret of its name appears, changes or goes: deleted, edited by someone, or out of
 * the way. Only UID and version of each Secret are kept, and only metadata ever comes.
 */
export class SecretSink implements Sink {
  readonly #queue: Queue;
  readonly #hasSealedSecret: (ref: Ref) => boolean;
  readonly #seen = new Map<string, { readonly ref: Ref; readonly version: string }>();

  constructor(queue: Queue, hasSealedSecret: (ref: Ref) => boolean) {
    this.#queue = queue;
    this.#hasSealedSecret = hasSealedSecret;
  }

  /** Takes note of what we wrote ourselves, so that its echo is no news. */
  written(object: Metadata): void {
    this.#note(object);
  }

  seen(object: Metadata): void {
    if (this.#note(object)) this.#changed(object);
  }

  gone(ref: Ref): void {
    if (this.#seen.delete(showRef(ref))) this.#changed(ref);
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }

  caughtUp(): void {
    // A Secret that has changed is news from the first list on.
  }

  /** Whether this is news. */
  #note(object: Metadata): boolean {
    const key = showRef(object);
    const version = `${object.server.uid} ${object.server.resourceVersion}`;
    if (this.#seen.get(key)?.version === version) return false;
    this.#seen.set(key, { ref: { namespace: object.namespace, name: object.name }, version });
    return true;
  }

  #changed(ref: Ref): void {
    if (this.#hasSealedSecret(ref)) this.#queue.add({ namespace: ref.namespace, name: ref.name }, 'fresh');
  }
}
