import type { Ref } from '../../shared/kubernetes/api/api.ts';

/** Which key of a namespace comes next: the one that waits longest, or in turn that one and the newest. */
export type Ends = 'oldest' | 'oldest and newest';

/**
 * Keys of objects that wait, handed out namespace by namespace in turn: many in one hold up no other. Where the newest
 * have their turns too, many hold up none that comes later in their own namespace either.
 */
export class FairLane {
  readonly #ends: Ends;
  /** The namespace whose turn is next comes first. */
  readonly #namespaces = new Map<string, Line>();
  #size = 0;

  constructor(ends: Ends = 'oldest') {
    this.#ends = ends;
  }

  get size(): number {
    return this.#size;
  }

  has({ namespace, name }: Ref): boolean {
    return this.#namespaces.get(namespace)?.refs.has(name) ?? false;
  }

  add(ref: Ref): void {
    if (this.has(ref)) return;
    const line = this.#namespaces.get(ref.namespace) ?? new Line();
    line.add(ref);
    this.#namespaces.set(ref.namespace, line);
    this.#size++;
  }

  delete({ namespace, name }: Ref): void {
    const line = this.#namespaces.get(namespace);
    if (!line?.refs.delete(name)) return;
    this.#size--;
    if (line.refs.size === 0) this.#namespaces.delete(namespace);
  }

  /** Takes the next key out whose namespace may have its turn. */
  take(may: (namespace: string) => boolean): Ref | undefined {
    for (const [namespace, line] of this.#namespaces) {
      const ref = may(namespace) ? line.next(this.#ends) : undefined;
      if (ref === undefined) continue;
      this.delete(ref);
      // What is left of the namespace goes to the end.
      if (this.#namespaces.delete(namespace)) this.#namespaces.set(namespace, line);
      return ref;
    }
    return undefined;
  }
}

/** The keys of one namespace. */
class Line {
  /** By name, the oldest first. */
  readonly refs = new Map<string, Ref>();
  /** Their names, the newest last; in between are some that wait no longer. */
  #names: string[] = [];
  #newestIsNext = false;

  add(ref: Ref): void {
    this.refs.set(ref.name, ref);
    this.#names.push(ref.name);
    if (this.#names.length > 2 * this.refs.size + 16) this.#names = [...this.refs.keys()];
  }

  next(ends: Ends): Ref | undefined {
    const newest = this.#newestIsNext;
    this.#newestIsNext = ends === 'oldest and newest' && !newest;
    if (!newest) return this.refs.values().next().value;
    for (let name = this.#names.pop(); name !== undefined; name = this.#names.pop()) {
      const ref = this.refs.get(name);
      if (ref) return ref;
    }
    return undefined;
  }
}
