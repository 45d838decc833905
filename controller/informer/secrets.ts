import type { Metadata } from '../../shared/api/metadata.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Priority, WorkQueue } from '../workqueue/work-queue.ts';
import { ObjectVersions } from './object-versions.ts';
import type { Sink } from './reflector.ts';

/** Options of `SecretSink`. */
export interface SecretSinkOptions {
  readonly queue: WorkQueue;
  /** Returns whether there is a SealedSecret with this namespace and name. */
  readonly hasSealedSecret: (ref: Ref) => boolean;
  /** Returns how long to wait before a Secret is repaired, in ms. Default: 0. */
  readonly repairPause?: (ref: Ref) => number;
}

/**
 * Queues a SealedSecret when the Secret of the same name is created, changed or deleted by another client. Receives
 * only metadata, and keeps only the UID and the resource version of each Secret.
 */
export class SecretSink implements Sink {
  readonly #queue: WorkQueue;
  readonly #hasSealedSecret: (ref: Ref) => boolean;
  readonly #repairPause: (ref: Ref) => number;
  readonly #versions = new ObjectVersions();
  #priority: Priority = 'low';

  constructor({ queue, hasSealedSecret, repairPause = () => 0 }: SecretSinkOptions) {
    this.#queue = queue;
    this.#hasSealedSecret = hasSealedSecret;
    this.#repairPause = repairPause;
  }

  seen(object: Metadata): void {
    if (this.record(object)) this.#changed(object);
  }

  /**
   * Records a Secret that the controller has read or written itself. The watch event for this version then queues
   * nothing. If the Secret is deleted before that event arrives, its deletion is still noticed.
   *
   * Returns whether the version differs from the recorded one.
   */
  record(object: Metadata): boolean {
    return this.#versions.record(object);
  }

  gone(ref: Ref): void {
    if (this.#versions.delete(ref)) this.#changed(ref);
  }

  known(): Iterable<[string, Ref]> {
    return this.#versions.known();
  }

  caughtUp(): void {
    this.#priority = 'high';
  }

  #changed({ namespace, name }: Ref): void {
    const ref = { namespace, name };
    if (this.#hasSealedSecret(ref)) this.#queue.add(ref, this.#priority, this.#repairPause(ref));
  }
}
