import type { Ref } from '../shared/cluster/api.ts';

/** Keys of objects that wait, handed out namespace by namespace in turn: many in one hold up no other. */
export class FairLane {
  /** The namespace whose turn is next comes first. */
  readonly #namespaces = new Map<string, Map<string, Ref>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has({ namespace, name }: Ref): boolean {
    return this.#namespaces.get(namespace)?.has(name) ?? false;
  }

  add(ref: Ref): void {
    if (this.has(ref)) return;
    const names = this.#namespaces.get(ref.namespace) ?? new Map<string, Ref>();
    names.set(ref.name, ref);
    this.#namespaces.set(ref.namespace, names);
    this.#size++;
  }

  delete({ namespace, name }: Ref): void {
    const names = this.#namespaces.get(namespace);
    if (!names?.delete(name)) return;
    this.#size--;
    if (names.size === 0) this.#namespaces.delete(namespace);
  }

  /** Takes the next key out whose namespace may have its turn. */
  take(may: (namespace: string) => boolean): Ref | undefined {
    for (const [namespace, names] of this.#namespaces) {
      const [ref] = may(namespace) ? names.values() : [];
      if (ref === undefined) continue;
      this.delete(ref);
      // What is left of the namespace goes to the end.
      if (this.#namespaces.delete(namespace)) this.#namespaces.set(namespace, names);
      return ref;
    }
    return undefined;
  }
}
