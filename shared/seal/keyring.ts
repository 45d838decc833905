import { openEnvelope } from '../crypto/open-envelope.ts';
import type { Envelope } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { PrivateKey } from '../crypto/private-key.ts';
import type { Decrypter, Opened, OpenOptions } from './open-items.ts';

/** Called for each item with the number of keys that were tried, and whether one of them opened it. */
type TryObserver = (keys: number, opened: boolean) => void;

/** Schedules and runs a private operation. Rejects if the signal aborts before the operation starts. */
export type RunOperation = <T>(operation: () => Promise<T>, signal: AbortSignal) => Promise<T>;

const IMMEDIATELY: RunOperation = (operation) => operation();

/**
 * A set of private keys. Each try costs a private operation, so the most likely keys are tried first: those that the
 * caller prefers, then those that opened something most recently, then the others in their order.
 *
 * @example
 * import { parsePrivateKey } from '../crypto/private-key.ts';
 *
 * const keyring = new Keyring([await parsePrivateKey(pem, 'key.pem')]);
 * const opened = await keyring.open(envelope, { label, signal });
 * if (opened) console.log(`opened by ${opened.by}`);
 */
export class Keyring implements Decrypter {
  #keys: ReadonlyMap<Fingerprint, PrivateKey> = new Map();
  /** The keys that have opened something, the most recent one last. */
  readonly #recent = new Set<Fingerprint>();
  readonly #onTried: TryObserver;
  #compromised = 0;

  constructor(keys: Iterable<PrivateKey> = [], onTried: TryObserver = () => undefined) {
    this.#onTried = onTried;
    this.replace(keys);
  }

  /** How many keys the keyring has. */
  get size(): number {
    return this.#keys.size;
  }

  /** How many further keys are not in the keyring because they are labelled as compromised. */
  get compromised(): number {
    return this.#compromised;
  }

  /** Returns whether the keyring has a key. */
  has(key: Fingerprint): boolean {
    return this.#keys.has(key);
  }

  get fingerprints(): readonly Fingerprint[] {
    return [...this.#keys.keys()];
  }

  /** Adds a key, after the others. */
  add(key: PrivateKey): void {
    this.replace([...this.#keys.values(), key], this.#compromised);
  }

  /** Replaces all keys. Takes effect at once, also for envelopes that are being opened. */
  replace(keys: Iterable<PrivateKey>, compromised = 0): void {
    this.#compromised = compromised;
    this.#keys = new Map(Array.from(keys, (key) => [key.fingerprint, key]));
    for (const fingerprint of this.#recent)
      if (!this.#keys.has(fingerprint)) this.#recent.delete(fingerprint);
  }

  /** Opens an envelope. Resolves with null if no key opens it, for any reason. Rejects when the signal aborts. */
  open(envelope: Envelope, options: OpenOptions): Promise<Opened | null> {
    return this.#open(envelope, options, IMMEDIATELY);
  }

  /** Returns a decrypter with these keys whose private operations are scheduled by `run`. */
  scheduledBy(run: RunOperation): Decrypter {
    const fingerprints = (): readonly Fingerprint[] => this.fingerprints;
    const compromised = (): number => this.compromised;
    return {
      get fingerprints() {
        return fingerprints();
      },
      get compromised() {
        return compromised();
      },
      open: (envelope, options) => this.#open(envelope, options, run),
    };
  }

  async #open(
    envelope: Envelope,
    { label, preferred = [], signal }: OpenOptions,
    run: RunOperation,
  ): Promise<Opened | null> {
    let tries = 0;
    const countAndRun: RunOperation = (operation, aborts) =>
      run(() => {
        tries++;
        return operation();
      }, aborts);
    let opened: Opened | null = null;
    try {
      const recent = [...this.#recent].reverse();
      for (const fingerprint of new Set([...preferred, ...recent, ...this.#keys.keys()])) {
        signal.throwIfAborted();
        const key = this.#keys.get(fingerprint);
        const value = key && (await openEnvelope(envelope, scheduledKey(key, countAndRun, signal), label));
        if (!value) continue;
        // The key may have been removed while it was in use.
        if (!this.#keys.has(fingerprint)) {
          value.fill(0);
          continue;
        }
        this.#recent.delete(fingerprint);
        this.#recent.add(fingerprint);
        opened = { value, by: fingerprint };
        break;
      }
    } finally {
      if (tries > 0) this.#onTried(tries, opened !== null);
    }
    return opened;
  }
}

/** Returns a key whose operations are scheduled by `run`, and skipped if the signal has aborted meanwhile. */
function scheduledKey(key: PrivateKey, run: RunOperation, signal: AbortSignal): PrivateKey {
  const decrypt: PrivateKey['decryptionKey']['decrypt'] = (ciphertext, label) =>
    run(() => {
      signal.throwIfAborted();
      return key.decryptionKey.decrypt(ciphertext, label);
    }, signal);
  return { ...key, decryptionKey: { decrypt } };
}
