import { openEnvelope, type Envelope, type Label } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { PrivateKey } from '../crypto/private-key.ts';
import type { Decrypter, Opened } from './unseal.ts';

/** The private keys at hand, in the order in which they are tried. */
export class Keyring implements Decrypter {
  readonly #keys = new Map<Fingerprint, PrivateKey>();

  constructor(keys: Iterable<PrivateKey> = []) {
    for (const key of keys) this.add(key);
  }

  get size(): number {
    return this.#keys.size;
  }

  add(key: PrivateKey): void {
    this.#keys.set(key.fingerprint, key);
  }

  async open(
    envelope: Envelope,
    label: Label,
    first: readonly Fingerprint[],
    signal: AbortSignal,
  ): Promise<Opened | null> {
    for (const fingerprint of new Set([...first, ...this.#keys.keys()])) {
      signal.throwIfAborted();
      const key = this.#keys.get(fingerprint);
      const value = key && (await openEnvelope(envelope, key, label));
      if (value) return { value, by: fingerprint };
    }
    return null;
  }
}
