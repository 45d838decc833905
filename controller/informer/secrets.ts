import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Priority, WorkQueue } from '../workqueue/work-queue.ts';
import type { Sink } from './reflector.ts';
import { versionOf } from './reported-state.ts';

/** Options of `SecretSink`. */
export interface SecretSinkOptions {
  readonly queue: WorkQueue;
  /** Returns whether there is a SealedSecret with this namespace and name. */
  readonly hasSealedSecret: (ref: Ref) => boolean;
  /** Removes a SealedSecret from the queue if its Secret is right as it is now. Returns whether that is so. */
  readonly dropIfUpToDate: (ref: Ref) => boolean;
  /** Returns how long to wait before a Secret is repaired, in ms. Default: 0. */
  readonly repairPause?: (ref: Ref) => number;
  /** Called when a list is complete. */
  readonly onListed?: () => void;
}

/** The versions of one Secret. */
interface Versions {
  readonly ref: Ref;
  /** The version that the watch delivered last; undefined before the first one. */
  seen: string | undefined;
  /** The version that the controller has read or written itself last, if any. */
  own: string | undefined;
}

/**
 * Queues a SealedSecret when the Secret of the same name is created, changed or deleted by another client. Receives
 * only metadata, and keeps only the UID and the resource version of each Secret.
 *
 * The watch often delivers what a reconcile writes before the answer to the write arrives. Changes during a reconcile
 * are therefore judged when it ends: see `settle`.
 */
export class SecretSink implements Sink {
  readonly #options: SecretSinkOptions;
  readonly #repairPause: (ref: Ref) => number;
  readonly #versions = new Map<string, Versions>();
  /** The objects whose Secret has changed during their reconcile. */
  readonly #changedMeanwhile = new Set<string>();
  #listed = false;

  constructor(options: SecretSinkOptions) {
    this.#options = options;
    this.#repairPause = options.repairPause ?? (() => 0);
  }

  /** Returns whether the Secret does not exist, as far as the watch knows. Returns false before the first list. */
  isMissing(ref: Ref): boolean {
    return this.#listed && !this.#versions.has(showRef(ref));
  }

  /** Returns whether the watch has delivered this version of the Secret, and no other since. */
  isAt(ref: Ref, version: string): boolean {
    return this.#versions.get(showRef(ref))?.seen === version;
  }

  seen(object: Metadata): void {
    const versions = this.#of(object);
    const version = versionOf(object.server);
    if (versions.seen === version) return;
    versions.seen = version;
    // What the first list delivers is compared with the SealedSecrets when it is complete.
    if (!this.#listed && versions.own === undefined) return;
    if (version !== versions.own) this.#changed(versions.ref);
  }

  /**
   * Records a Secret that the controller has read or written itself. The watch event for this version then queues
   * nothing. If the Secret is deleted before that event arrives, its deletion is still noticed.
   */
  record(object: Metadata): void {
    this.#of(object).own = versionOf(object.server);
  }

  gone(ref: Ref): void {
    if (this.#versions.delete(showRef(ref))) this.#changed(ref);
  }

  /** Ends the reconcile of a SealedSecret: queues it again if another client has changed its Secret meanwhile. */
  settle(ref: Ref): void {
    const key = showRef(ref);
    if (!this.#changedMeanwhile.delete(key)) return;
    const versions = this.#versions.get(key);
    if (versions === undefined || versions.seen !== versions.own) this.#enqueue(ref);
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#versions) yield [key, ref];
  }

  caughtUp(): void {
    this.#listed = true;
    this.#options.onListed?.();
  }

  #of({ namespace, name }: Ref): Versions {
    const ref = { namespace, name };
    const key = showRef(ref);
    const versions = this.#versions.get(key) ?? { ref, seen: undefined, own: undefined };
    this.#versions.set(key, versions);
    return versions;
  }

  #changed({ namespace, name }: Ref): void {
    const ref = { namespace, name };
    if (!this.#options.hasSealedSecret(ref)) return;
    if (this.#options.queue.isInProgress(ref)) this.#changedMeanwhile.add(showRef(ref));
    else if (!this.#options.dropIfUpToDate(ref)) this.#enqueue(ref);
  }

  #enqueue(ref: Ref): void {
    const priority: Priority = this.#listed ? 'high' : 'low';
    this.#options.queue.add(ref, priority, this.#repairPause(ref));
  }
}
