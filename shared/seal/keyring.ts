import { openEnvelope, type Envelope, type Label } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { PrivateKey } from '../crypto/private-key.ts';
import type { Decrypter, Opened } from './open-items.ts';

/** Is told with how many keys an item was tried, and whether one of them opened it. */
type Tried = (keys: number, opened: boolean) => void;

/**
 * The private keys at hand. Each try costs a private operation, so the keys that a value is most likely for come
 * first: those that the caller names, then those that opened something most recently, then in the order given.
 */
export class Keyring implements Decrypter {
  #keys: ReadonlyMap<Fingerprint, PrivateKey> = new Map();
  /** The last to be useful comes last. */
  readonly #useful = new Set<Fingerprint>();

  readonly #tried: Tried;

  constructor(keys: Iterable<PrivateKey> = [], tried: Tried = () => undefined) {
    this.#tried = tried;
    this.replace(keys);
  }

  get size(): number {
    return this.#keys.size;
  }

  get fingerprints(): readonly Fingerprint[] {
    return [...this.#keys.keys()];
  }

  add(key: PrivateKey): void {
    this.replace([...this.#keys.values(), key]);
  }

  /** Has these keys and no others from now on: also what is being opened is tried with no other one any more. */
  replace(keys: Iterable<PrivateKey>): void {
    this.#keys = new Map(Array.from(keys, (key) => [key.fingerprint, key]));
    for (const fingerprint of this.#useful)
      if (!this.#keys.has(fingerprint)) this.#useful.delete(fingerprint);
  }

  async open(
    envelope: Envelope,
    label: Label,
    first: readonly Fingerprint[],
    signal: AbortSignal,
  ): Promise<Opened | null> {
    let tries = 0;
    let opened: Opened | null = null;
    try {
      for (const fingerprint of new Set([...first, ...[...this.#useful].reverse(), ...this.#keys.keys()])) {
        signal.throwIfAborted();
        const key = this.#keys.get(fingerprint);
        if (key === undefined) continue;
        tries++;
        const value = await openEnvelope(envelope, key, label);
        if (!value) continue;
        // A key that was taken out of use meanwhile opens nothing.
        if (!this.#keys.has(fingerprint)) {
          value.fill(0);
          continue;
        }
        this.#useful.delete(fingerprint);
        this.#useful.add(fingerprint);
        opened = { value, by: fingerprint };
        break;
      }
      return opened;
    } finally {
      if (tries > 0) this.#tried(tries, opened !== null);
    }
  }
}
