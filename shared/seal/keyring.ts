import { openEnvelope, type Envelope, type Label } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { PrivateKey } from '../crypto/private-key.ts';
import type { Decrypter, Opened } from './open-items.ts';

/** Is told with how many keys an item was tried, and whether one of them opened it. */
type Tried = (keys: number, opened: boolean) => void;

/** Does a private operation when its turn comes. Rejects when the signal aborts before that. */
export type RunOperation = <T>(operation: () => Promise<T>, signal: AbortSignal) => Promise<T>;

const AT_ONCE: RunOperation = (operation) => operation();

/**
 * The private keys at hand. Each try costs a private operation, so the keys that a value is most likely for come
 * first: those that the caller names, then those that opened something most recently, then in the order given.
 */
export class Keyring implements Decrypter {
  #keys: ReadonlyMap<Fingerprint, PrivateKey> = new Map();
  /** The last to be useful comes last. */
  readonly #useful = new Set<Fingerprint>();
  readonly #tried: Tried;
  #compromised = 0;

  constructor(keys: Iterable<PrivateKey> = [], tried: Tried = () => undefined) {
    this.#tried = tried;
    this.replace(keys);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** How many keys are labelled as compromised, and so not in this keyring. */
  get compromised(): number {
    return this.#compromised;
  }

  has(key: Fingerprint): boolean {
    return this.#keys.has(key);
  }

  get fingerprints(): readonly Fingerprint[] {
    return [...this.#keys.keys()];
  }

  add(key: PrivateKey): void {
    this.replace([...this.#keys.values(), key], this.#compromised);
  }

  /** Has these keys and no others from now on: also what is being opened is tried with no other one any more. */
  replace(keys: Iterable<PrivateKey>, compromised = 0): void {
    this.#compromised = compromised;
    this.#keys = new Map(Array.from(keys, (key) => [key.fingerprint, key]));
    for (const fingerprint of this.#useful)
      if (!this.#keys.has(fingerprint)) this.#useful.delete(fingerprint);
  }

  open(
    envelope: Envelope,
    label: Label,
    first: readonly Fingerprint[],
    signal: AbortSignal,
  ): Promise<Opened | null> {
    return this.#open(envelope, label, first, AT_ONCE, signal);
  }

  /** These keys for someone who shares the machine with others: each of his private operations waits for its turn. */
  inTurn(turn: RunOperation): Decrypter {
    const fingerprints = (): readonly Fingerprint[] => this.fingerprints;
    const compromised = (): number => this.compromised;
    return {
      get fingerprints() {
        return fingerprints();
      },
      get compromised() {
        return compromised();
      },
      open: (envelope, label, first, signal) => this.#open(envelope, label, first, turn, signal),
    };
  }

  async #open(
    envelope: Envelope,
    label: Label,
    first: readonly Fingerprint[],
    turn: RunOperation,
    signal: AbortSignal,
  ): Promise<Opened | null> {
    let tries = 0;
    const counted: RunOperation = (operation, wanted) =>
      turn(() => {
        tries++;
        return operation();
      }, wanted);
    let opened: Opened | null = null;
    try {
      for (const fingerprint of new Set([...first, ...[...this.#useful].reverse(), ...this.#keys.keys()])) {
        signal.throwIfAborted();
        const key = this.#keys.get(fingerprint);
        const value = key && (await openEnvelope(envelope, takingTurns(key, counted, signal), label));
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
    } finally {
      if (tries > 0) this.#tried(tries, opened !== null);
    }
    return opened;
  }
}

/** What waited in vain is not done. */
function takingTurns(key: PrivateKey, turn: RunOperation, signal: AbortSignal): PrivateKey {
  const decrypt: PrivateKey['decryptionKey']['decrypt'] = (ciphertext, label) =>
    turn(() => {
      signal.throwIfAborted();
      return key.decryptionKey.decrypt(ciphertext, label);
    }, signal);
  return { ...key, decryptionKey: { decrypt } };
}
