import type { Metadata } from '../../shared/api/metadata.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Sink } from '../informer/reflector.ts';
import { ObjectVersions } from '../informer/object-versions.ts';

/** Reports that key Secrets may have changed. The keys themselves are then read from the API server. */
export class KeySink implements Sink {
  readonly #onChange: () => void;
  readonly #seen = new ObjectVersions();

  /** @param onChange called for each change of a Secret, from the first list on */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  seen(object: Metadata): void {
    if (this.#seen.record(object)) this.#onChange();
  }

  gone(ref: Ref): void {
    if (this.#seen.delete(ref)) this.#onChange();
  }

  known(): Iterable<[string, Ref]> {
    return this.#seen.known();
  }

  caughtUp(): void {
    // Nothing waits for the first complete list.
  }
}
