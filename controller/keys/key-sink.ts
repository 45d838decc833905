import type { Metadata } from '../../shared/api/metadata.ts';
import { showRef, type Query, type Ref } from '../../shared/cluster/api.ts';
import type { Sink } from '../watch/reflector.ts';
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
  readonly #seen = new Map<string, { readonly ref: Ref; readonly version: string }>();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  seen({ namespace, name, server }: Metadata): void {
    const ref = { namespace, name };
    const key = showRef(ref);
    const version = `${server.uid} ${server.resourceVersion}`;
    if (this.#seen.get(key)?.version === version) return;
    this.#seen.set(key, { ref, version });
    this.#changed();
  }

  gone(ref: Ref): void {
    if (this.#seen.delete(showRef(ref))) this.#changed();
  }

  *known(): Iterable<[string, Ref]> {
    for (const [key, { ref }] of this.#seen) yield [key, ref];
  }

  caughtUp(): void {
    // Every change counts, from the first list on.
  }
}
