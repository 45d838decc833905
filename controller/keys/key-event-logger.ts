import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { Log } from '../log/log.ts';
import { ACTIVE_KEYS } from './key-secret.ts';
import type { KeyOptions } from './key-options.ts';
import type { ReplacedKey } from './replaced-keys.ts';
import type { SealingKeys } from './sealing-keys.ts';

/** Called when the keys in use have changed. */
export interface KeyListener {
  /** Called when keys have come into use. */
  readonly onKeysAdded: () => void;
  /** Called when keys have gone out of use. */
  readonly onKeysRemoved: () => void;
  /** Called when the keys have been loaded, whether they have changed or not. */
  readonly onKeysLoaded: () => void;
  /** Called when a key whose Secret was given another one is in a Secret of its own, of this name. */
  readonly onKeyKept: (replaced: ReplacedKey, name: string) => void;
}

/** What a `KeyEventLogger` needs. */
export interface KeyEventLoggerContext {
  readonly keys: SealingKeys;
  readonly options: KeyOptions;
  readonly log: Log;
  readonly listener: KeyListener;
}

/** Reports each change of the keys once: to the log, and to a listener. */
export class KeyEventLogger {
  readonly #keys: SealingKeys;
  readonly #options: KeyOptions;
  readonly #log: Log;
  readonly #listener: KeyListener;
  /** The name of the Secret of each key reported last. */
  #known: ReadonlyMap<Fingerprint, string> = new Map();
  /** The key that sealed when the last change was reported. */
  #sealing: Fingerprint | undefined;
  #hadKey = false;
  /** The last reason reported for having no key to seal with; empty if there is one. */
  #missing = '';
  #wasAhead = false;

  constructor({ keys, options, log, listener }: KeyEventLoggerContext) {
    this.#keys = keys;
    this.#options = options;
    this.#log = log;
    this.#listener = listener;
  }

  /** Whether there has been a key to seal with. */
  get hadKey(): boolean {
    return this.#hadKey;
  }

  /** Compares the keys with those of the last call, and reports what has changed. */
  logChanges(): void {
    const before = this.#known;
    this.#known = new Map(this.#keys.all.map(({ key, secretName }) => [key.fingerprint, secretName]));
    const added = [...this.#known].filter(([fingerprint]) => !before.has(fingerprint));
    const removed = [...before].filter(([fingerprint]) => !this.#known.has(fingerprint));
    const fingerprint = this.#keys.newest?.key.fingerprint;
    if (this.#hadKey) {
      for (const [key, secret] of added) this.#log.info('sealing key added', { secret, fingerprint: key });
      for (const [key, secret] of removed)
        this.#log.warn('sealing key no longer in use', { secret, fingerprint: key });
      if (fingerprint && fingerprint !== this.#sealing)
        this.#log.info('sealing with a different key', { fingerprint });
    } else if (fingerprint) {
      this.#log.info('sealing keys loaded', { keys: this.#known.size, fingerprint });
      this.#hadKey = true;
    }
    this.#sealing = fingerprint;
    this.#logMissing();
    this.#logClockSetBack(fingerprint);
    if (added.length > 0) this.#listener.onKeysAdded();
    if (removed.length > 0) this.#listener.onKeysRemoved();
  }

  #logClockSetBack(fingerprint: Fingerprint | undefined): void {
    const { newestIsAhead } = this.#keys;
    if (newestIsAhead && !this.#wasAhead)
      this.#log.warn('the clock of this machine was set back; it is behind the newest sealing key', {
        fingerprint,
      });
    this.#wasAhead = newestIsAhead;
  }

  #logMissing(): void {
    const missing = this.#whyNoSealingKey();
    if (missing !== '' && missing !== this.#missing)
      this.#log.error(missing, { keys: this.#keys.keyring.size });
    this.#missing = missing;
  }

  /** Returns why there is no key to seal with; empty if there is one, or if one is generated at once. */
  #whyNoSealingKey(): string {
    const { newest, nextValid } = this.#keys;
    if (newest) return '';
    if (this.#options.generation === 'never') {
      return `no sealing key, and --key-generation=never; create a Secret of type kubernetes.io/tls with the label ${ACTIVE_KEYS}`;
    }
    if (this.#hadKey) {
      return 'no sealing key left; restore one, or generate one with SIGUSR1 or a restart';
    }
    return nextValid ? 'the sealing key is not valid yet; check the clock of this machine' : '';
  }
}
