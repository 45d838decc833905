import type { Metadata } from '../../shared/api/metadata.ts';
import type { Query, Ref } from '../../shared/kubernetes/api/api.ts';
import type { Sink } from '../informer/reflector.ts';
import { ObjectVersions } from '../informer/object-versions.ts';
import type { KeyOptions } from './key-options.ts';
import { ACTIVE_KEYS } from './key-secret.ts';

/** What is to be watched to hear of every change of a key: the active keys, and the one of the oldest releases. */
export function keyQueries({ namespace, prefix }: KeyOptions): readonly Query[] {
  return [
    { namespace, labelSelector: ACTIVE_KEYS },
    { namespace, fieldSelector: `metadata.name=${prefix}` },
  ];
}

/** Says that keys may have changed when their Secrets do. Which they are then is read from the API server. */
export class KeySink implements Sink {
  readonly #changed: () => void;
  readonly #seen = new ObjectVersions();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  seen(object: Metadata): void {
    if (this.#seen.record(object)) this.#changed();
  }

  gone(ref: Ref): void {
    if (this.#seen.delete(ref)) this.#changed();
  }

  known(): Iterable<[string, Ref]> {
    return this.#seen.known();
  }

  caughtUp(): void {
    // Every change counts, from the first list on.
  }
}
