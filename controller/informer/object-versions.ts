import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';

/** The last UID and resource version seen of each object. */
export class ObjectVersions {
  readonly #versions = new Map<string, { readonly ref: Ref; readonly version: string }>();

  /** Records the version of an object. Returns whether it differs from the recorded one. */
  record({ namespace, name, server }: Metadata): boolean {
    const ref = { namespace, name };
    const key = showRef(ref);
    const version = `${server.uid} ${server.resourceVersion}`;
    if (this.#versions.get(key)?.version === version) return false;
    this.#versions.set(key, { ref, version });
    return true;
  }

  /** Forgets an object. Returns whether it was recorded. */
  delete(ref: Ref): boolean {
    return this.#versions.delete(showRef(ref));
  }

  /** Returns all recorded objects, by `NAMESPACE/NAME`. */
  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#versions) yield [key, ref];
  }
}
