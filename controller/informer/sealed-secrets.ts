import { createHash } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { WorkQueue } from '../workqueue/work-queue.ts';
import type { Sink } from './reflector.ts';
import { reportedState, type ReportedState } from './reported-state.ts';
import { WaitingObjects } from './waiting-objects.ts';

/** The last state seen of a SealedSecret. */
interface Seen {
  readonly ref: Ref;
  readonly uid: string;
  readonly digest: string;
  /** Whether its status has reported an outcome of this state. */
  readonly isReported: boolean;
  /** What makes the SealedSecret up to date; undefined if it has to be reconciled after any change. */
  readonly applied: Pick<ReportedState, 'secretVersion' | 'keys'> | undefined;
}

/** Options of `SealedSecretSink`. */
export interface SealedSecretSinkOptions {
  /** Called when a SealedSecret is created, changed or deleted: a reconcile of its old state is outdated. */
  readonly onChange?: (ref: Ref) => void;
  /** Called when a SealedSecret that existed before has changed. */
  readonly onUpdate?: (ref: Ref) => void;
  /**
   * Called with each state of a SealedSecret, also after a status update, and with the keys that opened its items if the
   * status says that it is synced and names them.
   */
  readonly onSeen?: (object: StoredSealedSecret, keys: readonly Fingerprint[] | undefined) => void;
  /** Called when a SealedSecret is gone that needs no last reconcile. */
  readonly onGone?: (ref: Ref) => void;
  /** Whether to remember the UIDs of deleted SealedSecrets, so that a reconcile can delete their Secrets. */
  readonly keepDeletedUids?: boolean;
  /** Returns whether a sealing key is in use. Default: true. */
  readonly isKeyInUse?: (key: Fingerprint) => boolean;
}

/** What a `SealedSecretSink` depends on. */
export interface SealedSecretSinkDependencies {
  readonly queue: WorkQueue;
  /** Returns whether the Secret of this name has this version; false if that is not known. */
  readonly isSecretAt: (ref: Ref, version: string) => boolean;
  /** Called when a list is complete. */
  readonly onListed?: () => void;
}

/**
 * Queues a SealedSecret when anything changes that its Secret depends on. The controller's own status updates change
 * neither the generation nor labels nor annotations. The scope annotations do not change the generation but matter, so
 * metadata is compared too. A status that reports nothing any more queues the SealedSecret as well: it is lost when etcd is
 * restored from an older snapshot.
 *
 * Of the first list, new and changed objects are queued at once. Those that are synced or failed wait for `verify`.
 */
export class SealedSecretSink implements Sink<StoredSealedSecret> {
  readonly #queue: WorkQueue;
  readonly #isSecretAt: SealedSecretSinkDependencies['isSecretAt'];
  readonly #onListed: () => void;
  readonly #options: SealedSecretSinkOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #waiting = new WaitingObjects();
  /** By `NAMESPACE/NAME`: the UID of a deleted SealedSecret whose Secret is not cleaned up yet. */
  readonly #deletedUids = new Map<string, string>();
  /** What the first list contained and `verify` has not judged yet, by the outcome that the status reports. */
  readonly #unverified = { synced: new Map<string, Ref>(), failed: new Map<string, Ref>() };
  #verified = false;

  constructor(
    { queue, isSecretAt, onListed = () => undefined }: SealedSecretSinkDependencies,
    options: SealedSecretSinkOptions = {},
  ) {
    this.#queue = queue;
    this.#isSecretAt = isSecretAt;
    this.#onListed = onListed;
    this.#options = options;
  }

  caughtUp(): void {
    this.#onListed();
  }

  /**
   * Queues those SealedSecrets of the first list that are not up to date; those that failed last. Call it once the
   * Secrets are listed too, or cannot be.
   */
  verify(): void {
    if (this.#verified) return;
    this.#verified = true;
    const { synced, failed } = this.#unverified;
    for (const ref of synced.values()) if (!this.dropIfUpToDate(ref)) this.#queue.add(ref, 'low');
    for (const ref of failed.values()) this.#queue.add(ref, 'low');
    synced.clear();
    failed.clear();
  }

  /** Returns whether the SealedSecret exists. */
  has(ref: Ref): boolean {
    return this.#seen.has(showRef(ref));
  }

  /** Returns the latest state of a SealedSecret that waits for its reconcile, once; undefined if it is not kept. */
  take(ref: Ref): StoredSealedSecret | undefined {
    return this.#waiting.take(showRef(ref));
  }

  /**
   * Removes a SealedSecret from the queue if the status says that its current state was applied, and its Secret has not
   * changed since. Returns whether that is so.
   */
  dropIfUpToDate(ref: Ref): boolean {
    const key = showRef(ref);
    const applied = this.#seen.get(key)?.applied;
    const isUpToDate =
      applied?.secretVersion !== undefined &&
      this.#isSecretAt(ref, applied.secretVersion) &&
      !this.#deletedUids.has(key) &&
      applied.keys.every((key) => this.#options.isKeyInUse?.(key) ?? true);
    if (!isUpToDate) return false;
    this.#queue.drop(ref);
    this.#waiting.delete(key);
    return true;
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

  seen(object: StoredSealedSecret, size: number): void {
    const { metadata } = object;
    const key = showRef(metadata);
    const digest = digestOf(metadata);
    const before = this.#seen.get(key);
    const ref = before?.ref ?? { namespace: metadata.namespace, name: metadata.name };
    const { uid } = metadata.server;
    const reported = reportedState(object);
    const isUpdate = before !== undefined && before.digest !== digest;
    // A change of labels or annotations alone leads to a reconcile too, although the status is about this generation.
    const applied = isUpdate ? undefined : reported;
    const isReported = reported.outcome !== 'changed';
    this.#seen.set(key, { ref, uid, digest, isReported, applied });
    if (before?.digest === digest) {
      if (before.isReported && !isReported && !this.#queue.isInProgress(ref)) {
        this.#waiting.put(key, object, size);
        this.#enqueue(ref, 'changed');
      } else if (!this.dropIfUpToDate(ref)) this.#waiting.update(key, object, size);
    } else {
      // Deleted and recreated while there was no watch.
      if (before && before.uid !== uid) this.#keepDeletedUid(key, before.uid);
      this.#waiting.put(key, object, size);
      this.#enqueue(ref, isUpdate ? 'changed' : reported.outcome);
      if (before?.uid === uid) this.#options.onUpdate?.(ref);
      this.#options.onChange?.(ref);
    }
    this.#options.onSeen?.(object, reported.secretVersion === undefined ? undefined : reported.keys);
  }

  gone(ref: Ref): void {
    const key = showRef(ref);
    const before = this.#seen.get(key);
    if (before === undefined) return;
    this.#seen.delete(key);
    this.#waiting.delete(key);
    this.#unverified.synced.delete(key);
    this.#unverified.failed.delete(key);
    this.#keepDeletedUid(key, before.uid);
    this.#queue.drop(ref);
    if (this.#options.keepDeletedUids || this.#queue.isInProgress(ref)) {
      // The last reconcile drops what the controller keeps about the object and may delete its Secret.
      this.#queue.add(before.ref, 'high');
    } else {
      this.#options.onGone?.(before.ref);
    }
    this.#options.onChange?.(ref);
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }

  #enqueue(ref: Ref, outcome: ReportedState['outcome']): void {
    const key = showRef(ref);
    this.#unverified.synced.delete(key);
    this.#unverified.failed.delete(key);
    if (this.#verified || outcome === 'changed') this.#queue.add(ref, 'high');
    else this.#unverified[outcome].set(key, ref);
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
