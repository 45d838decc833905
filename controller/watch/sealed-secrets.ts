import { createHash } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/cluster/api.ts';
import type { Lane, Queue } from '../queue.ts';
import type { Sink } from './reflector.ts';

/**
 * Queues a SealedSecret when something changed that its Secret depends on. Our own status writes change neither
 * generation, labels nor annotations; a changed scope annotation changes no generation and counts all the same.
 */
export class SealedSecretSink implements Sink {
  readonly #queue: Queue;
  readonly #seen = new Map<string, { readonly ref: Ref; readonly signature: string }>();
  #lane: Lane = 'backlog';

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  caughtUp(): void {
    this.#lane = 'fresh';
  }

  has(ref: Ref): boolean {
    return this.#seen.has(showRef(ref));
  }

  seen(object: Metadata): void {
    const key = showRef(object);
    const signature = signatureOf(object);
    if (this.#seen.get(key)?.signature === signature) return;
    const ref = { namespace: object.namespace, name: object.name };
    this.#seen.set(key, { ref, signature });
    this.#queue.add(ref, this.#lane);
  }

  gone(ref: Ref): void {
    this.#seen.delete(showRef(ref));
    this.#queue.forget(ref);
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }
}

/** A digest: annotations may hold a whole copy of the object, which is not to stay in memory. */
function signatureOf({ labels, annotations, server }: Metadata): string {
  const { uid, generation, deleting } = server;
  const parts = JSON.stringify([uid, generation, deleting, [...labels].sort(), [...annotations].sort()]);
  return createHash('sha256').update(parts).digest('base64');
}
