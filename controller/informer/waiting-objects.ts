import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';

/** The most that all objects together may weigh, in bytes. */
const MAX_WEIGHT = 8 * 1024 * 1024;
/** What an entry of a map or list weighs beyond its text, in bytes. */
const ENTRY = 100;

interface Waiting {
  readonly object: StoredSealedSecret;
  readonly weight: number;
}

/**
 * SealedSecrets that wait for their reconcile, as the watch delivered them, so that the reconcile need not read them
 * from the API server. Bounded: an object that does not fit is not kept, and its reconcile reads it.
 */
export class WaitingObjects {
  /** By `NAMESPACE/NAME`. */
  readonly #objects = new Map<string, Waiting>();
  #weight = 0;

  /**
   * Keeps an object instead of its former state.
   *
   * @param size the length of its JSON
   */
  put(key: string, object: StoredSealedSecret, size: number): void {
    this.delete(key);
    const weight = weightOf(object, size);
    if (this.#weight + weight > MAX_WEIGHT) return;
    this.#objects.set(key, { object, weight });
    this.#weight += weight;
  }

  /** Replaces an object by its new state, if it is kept. */
  update(key: string, object: StoredSealedSecret, size: number): void {
    if (this.#objects.has(key)) this.put(key, object, size);
  }

  /** Removes and returns an object, if it is kept. */
  take(key: string): StoredSealedSecret | undefined {
    const waiting = this.#objects.get(key);
    this.delete(key);
    return waiting?.object;
  }

  /** Removes an object. */
  delete(key: string): void {
    this.#weight -= this.#objects.get(key)?.weight ?? 0;
    this.#objects.delete(key);
  }
}

/** Returns about how much memory an object takes: its text, which JSON does not shorten, and the maps around it. */
function weightOf({ metadata, status, sealed }: StoredSealedSecret, size: number): number {
  const { labels, annotations, finalizers, server } = metadata;
  const inMetadata = labels.size + annotations.size + finalizers.length + server.ownerReferences.length;
  const inSpec = 'encryptedData' in sealed ? sealed.encryptedData.size + sealed.template.data.size : 0;
  return size + ENTRY * (10 + inMetadata + inSpec + status.conditions.length);
}
