import type { Ref } from '../../shared/kubernetes/api/api.ts';

/** Which key of a namespace to take first: always the oldest, or the oldest and the newest alternately. */
export type TakeOrder = 'oldest' | 'oldest and newest';

/**
 * A queue of object keys that takes one key from each namespace in turn (round-robin), so that many keys in one
 * namespace do not delay other namespaces. Each key is in the queue at most once.
 *
 * With `oldest and newest`, a long backlog does not delay a new key of the same namespace either.
 */
export class FairQueue {
  readonly #order: TakeOrder;
  /** By namespace, in the order in which the namespaces take turns. */
  readonly #namespaces = new Map<string, NamespaceQueue>();
  #size = 0;

  constructor(order: TakeOrder = 'oldest') {
    this.#order = order;
  }

  /** The number of keys in the queue. */
  get size(): number {
    return this.#size;
  }

  /** Returns whether the key is in the queue. */
  has({ namespace, name }: Ref): boolean {
    return this.#namespaces.get(namespace)?.refs.has(name) ?? false;
  }

  /** Adds a key. Has no effect if the key is in the queue already. */
  add(ref: Ref): void {
    if (this.has(ref)) return;
    const queue = this.#namespaces.get(ref.namespace) ?? new NamespaceQueue();
    queue.add(ref);
    this.#namespaces.set(ref.namespace, queue);
    this.#size++;
  }

  /** Removes a key, if it is in the queue. */
  delete({ namespace, name }: Ref): void {
    const queue = this.#namespaces.get(namespace);
    if (!queue?.refs.delete(name)) return;
    this.#size--;
    if (queue.refs.size === 0) this.#namespaces.delete(namespace);
  }

  /** Removes and returns the next key of the first allowed namespace. Returns undefined if there is no such key. */
  take(isAllowed: (namespace: string) => boolean = () => true): Ref | undefined {
    for (const [namespace, queue] of this.#namespaces) {
      const ref = isAllowed(namespace) ? queue.next(this.#order) : undefined;
      if (ref === undefined) continue;
      this.delete(ref);
      // Moves the namespace to the end if it has more keys.
      if (this.#namespaces.delete(namespace)) this.#namespaces.set(namespace, queue);
      return ref;
    }
    return undefined;
  }

  /** Removes and returns the oldest key of the namespace with the most keys. Returns undefined if there are none. */
  takeFromLargest(): Ref | undefined {
    let largest: NamespaceQueue | undefined;
    for (const queue of this.#namespaces.values()) {
      if (queue.refs.size > (largest?.refs.size ?? 0)) largest = queue;
    }
    const ref = largest?.next('oldest');
    if (ref) this.delete(ref);
    return ref;
  }
}

/** The keys of one namespace. */
class NamespaceQueue {
  /** By name, oldest first. */
  readonly refs = new Map<string, Ref>();
  /** Names, newest last. May contain names that are no longer in `refs`; `add` drops them when there are many. */
  #names: string[] = [];
  #takesNewest = false;

  add(ref: Ref): void {
    this.refs.set(ref.name, ref);
    this.#names.push(ref.name);
    if (this.#names.length > 2 * this.refs.size + 16) this.#names = [...this.refs.keys()];
  }

  /** Returns the next key without removing it from `refs`. */
  next(order: TakeOrder): Ref | undefined {
    const takesNewest = this.#takesNewest;
    this.#takesNewest = order === 'oldest and newest' && !takesNewest;
    if (!takesNewest) return this.refs.values().next().value;
    for (let name = this.#names.pop(); name !== undefined; name = this.#names.pop()) {
      const ref = this.refs.get(name);
      if (ref) return ref;
    }
    return undefined;
  }
}
