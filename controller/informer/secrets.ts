import type { Metadata } from '../../shared/api/metadata.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Lane, WorkQueue } from '../workqueue/work-queue.ts';
import type { Sink } from './reflector.ts';
import { Versions } from './versions.ts';

/**
 * Queues a SealedSecret when the Secret of its name appears, changes or goes: deleted, edited by someone, or out of
 * the way. Only UID and version of each Secret are kept, and only metadata ever comes.
 */
export class SecretSink implements Sink {
  readonly #queue: WorkQueue;
  readonly #hasSealedSecret: (ref: Ref) => boolean;
  readonly #pause: (ref: Ref) => number;
  readonly #seen = new Versions();
  #lane: Lane = 'backlog';

  /** @param pause how long a Secret has to wait until it is repaired, in milliseconds */
  constructor(
    queue: WorkQueue,
    hasSealedSecret: (ref: Ref) => boolean,
    pause: (ref: Ref) => number = () => 0,
  ) {
    this.#queue = queue;
    this.#hasSealedSecret = hasSealedSecret;
    this.#pause = pause;
  }

  seen(object: Metadata): void {
    if (this.note(object)) this.#changed(object);
  }

  /**
   * Takes note of a Secret as we have read or written it: its echo is then no news, and that it goes is some, even
   * where it goes before the watch has told of it. Gives whether this version is new.
   */
  note(object: Metadata): boolean {
    return this.#seen.note(object);
  }

  gone(ref: Ref): void {
    if (this.#seen.drop(ref)) this.#changed(ref);
  }

  known(): Iterable<[string, Ref]> {
    return this.#seen.known();
  }

  caughtUp(): void {
    this.#lane = 'fresh';
  }

  #changed(ref: Ref): void {
    if (!this.#hasSealedSecret(ref)) return;
    this.#queue.add({ namespace: ref.namespace, name: ref.name }, this.#lane, this.#pause(ref));
  }
}
