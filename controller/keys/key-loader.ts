import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Api, type Listed } from '../../shared/kubernetes/api/api.ts';
import { SECRET_METADATA, SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { checkValidity } from '../../shared/crypto/certificate.ts';
import { Failure, failureOf } from '../../shared/errors.ts';
import { isFromSealedSecret } from '../../shared/seal/stored-key.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { KeyOptions } from './key-options.ts';
import {
  ACTIVE_KEYS,
  COMPROMISED_KEYS,
  holdsPrivateKey,
  readKeySecret,
  type SealingKey,
} from './key-secret.ts';
import type { ReplacedKey } from './replaced-keys.ts';

/** The result of a load. */
export interface LoadedKeys {
  readonly keys: readonly SealingKey[];
  /** How many key Secrets are labelled as compromised; 0 if that is unknown. */
  readonly compromised: number;
  /** The keys of the load before whose Secrets hold another private key now. */
  readonly replaced: readonly ReplacedKey[];
}

/** A Secret as it was read. */
interface Read {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Whether a SealedSecret did not make it, and it holds a private key, usable or not. */
  readonly holdsKey: boolean;
  /** Null if the Secret is not used as a key. */
  readonly key: SealingKey | null;
}

/** What a `KeyLoader` needs. */
export interface KeyLoaderContext {
  readonly api: Api;
  readonly options: KeyOptions;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads the sealing keys from their Secrets. Parses each version of a Secret once, and logs once what is wrong with it.
 */
export class KeyLoader {
  readonly #api: Api;
  readonly #options: KeyOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  /** The Secrets of the last load, by name. */
  #read: ReadonlyMap<string, Read> = new Map();
  /** The objects that the last load could not read. */
  #unreadable: ReadonlySet<string> = new Set();

  constructor({ api, options, clock, log }: KeyLoaderContext) {
    this.#api = api;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Returns all sealing keys. Throws if any request fails, and never returns a part of the keys: a missing answer does
   * not mean that a key is gone.
   *
   * Parses each Secret when it arrives, and keeps only its key.
   */
  async load(signal: AbortSignal): Promise<LoadedKeys> {
    const { namespace, prefix } = this.#options;
    const read = new Map<string, Read>();
    const unreadable = new Set<string>();
    // Logs only after the list is complete: a failed list is read again.
    const logs: (() => void)[] = [];
    const take = async (secret: Secret): Promise<void> => {
      const { name, server } = secret.metadata;
      const { uid, resourceVersion } = server;
      const before = this.#read.get(name);
      if (before?.uid === uid && before.resourceVersion === resourceVersion) read.set(name, before);
      else {
        const holdsKey = holdsPrivateKey(secret) && !isFromSealedSecret(secret);
        read.set(name, { uid, resourceVersion, holdsKey, key: await this.#keyOf(name, secret, logs) });
      }
    };
    const visit = (item: Listed<Secret>): Promise<void> | undefined => {
      if (item.ok) return take(item.object);
      const secret = showRef(item.ref);
      unreadable.add(secret);
      if (!this.#unreadable.has(secret)) logs.push(() => this.#logSkipped(secret, item.failure));
      return undefined;
    };
    await this.#api.list(SECRETS, { namespace, labelSelector: ACTIVE_KEYS, signal }, visit);
    const legacy = await this.#api.get(SECRETS, { namespace, name: prefix }, signal);
    // It needs no label, but one that takes a key out of use counts.
    if (legacy && (legacy.metadata.labels.get(SEALING_KEY_LABEL) ?? 'active') === 'active')
      await take(legacy);
    const replaced = this.#replacedIn(read);
    this.#read = read;
    this.#unreadable = unreadable;
    for (const log of logs) log();
    const keys = [...read.values()].flatMap(({ key }) => key ?? []);
    return { keys, replaced, compromised: await this.#countCompromised(signal) };
  }

  /**
   * Returns the keys whose Secrets are still there and hold another private key. A Secret that was deleted, even if there
   * is one of its name again, or that holds no private key any more, was taken out of use by someone.
   */
  #replacedIn(read: ReadonlyMap<string, Read>): readonly ReplacedKey[] {
    return [...this.#read].flatMap(([name, { uid, key }]) => {
      const now = read.get(name);
      if (!key?.source || now?.uid !== uid || !now.holdsKey) return [];
      if (now.key?.key.fingerprint === key.key.fingerprint) return [];
      return [{ key: { ...key, source: key.source }, uid, resourceVersion: now.resourceVersion }];
    });
  }

  /** Counts compromised keys by their metadata alone. The count only explains failures, so a failed list counts as 0. */
  async #countCompromised(signal: AbortSignal): Promise<number> {
    const { namespace } = this.#options;
    let count = 0;
    try {
      const visit = (): undefined => {
        count++;
      };
      await this.#api.list(SECRET_METADATA, { namespace, labelSelector: COMPROMISED_KEYS, signal }, visit);
      return count;
    } catch {
      return 0;
    }
  }

  async #keyOf(name: string, secret: Secret, logs: (() => void)[]): Promise<SealingKey | null> {
    const named = { secret: `${this.#options.namespace}/${name}` };
    if (isFromSealedSecret(secret)) {
      logs.push(() => this.#log.error('ignoring key Secret that was created by a SealedSecret', named));
      return null;
    }
    try {
      const key = await readKeySecret(secret, { withSource: this.#options.keepReplaced });
      const problem = this.#whyNotSealing(key, named.secret);
      if (problem) {
        const fields = { ...named, ...failureFields(problem) };
        logs.push(() => this.#log.warn('sealing key is used for decryption only', fields));
      }
      return key;
    } catch (error) {
      const failure = failureOf(error, 'key loader');
      logs.push(() => this.#logSkipped(named.secret, failure));
      return null;
    }
  }

  #whyNotSealing({ certificate }: SealingKey, secret: string): Failure | undefined {
    if (certificate instanceof Failure) return certificate;
    try {
      checkValidity(certificate, this.#clock.now(), `Secret ${secret}: tls.crt`);
      return undefined;
    } catch (error) {
      return failureOf(error, 'certificate check');
    }
  }

  #logSkipped(secret: string, failure: Failure): void {
    this.#log.error('skipping invalid sealing key', { secret, ...failureFields(failure) });
  }
}
