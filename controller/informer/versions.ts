import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';

/** The objects that were seen, each with the UID and version that it had last. */
export class Versions {
  readonly #seen = new Map<string, { readonly ref: Ref; readonly version: string }>();

  /** Records an object. Returns whether this version of it is new. */
  note({ namespace, name, server }: Metadata): boolean {
    const ref = { namespace, name };
    const key = showRef(ref);
    const version = `${server.uid} ${server.resourceVersion}`;
    if (this.#seen.get(key)?.version === version) return false;
    this.#seen.set(key, { ref, version });
    return true;
  }

  /** Forgets an object that is gone. Returns whether it was known. */
  drop(ref: Ref): boolean {
    return this.#seen.delete(showRef(ref));
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }
}
