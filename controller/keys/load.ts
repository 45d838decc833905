import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Api } from '../../shared/cluster/api.ts';
import { SECRETS } from '../../shared/cluster/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { checkValidity } from '../../shared/crypto/certificate.ts';
import { failureOf, type Failure } from '../../shared/errors.ts';
import { failureFields, type Log } from '../observe/log.ts';
import type { KeyOptions } from './key-options.ts';
import { ACTIVE_KEYS, isFromSealedSecret, readKeySecret, type SealingKey } from './key-secret.ts';

interface Read {
  readonly version: string;
  /** Null: not taken for a key. */
  readonly key: SealingKey | null;
}

/**
 * Reads the sealing keys from their Secrets. What is wrong with one is logged once for each version of its Secret,
 * and a key that was read before is not read again.
 */
export class KeyLoader {
  readonly #api: Api;
  readonly #options: KeyOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  #read: ReadonlyMap<string, Read> = new Map();
  #unreadable: ReadonlySet<string> = new Set();

  constructor(api: Api, options: KeyOptions, clock: Clock, log: Log) {
    this.#api = api;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * All sealing keys there are: never a part of them, for a refusal or a cut list does not mean that there is none.
   * Throws whatever the API server answers.
   */
  async load(signal: AbortSignal): Promise<SealingKey[]> {
    const secrets = await this.#secrets(signal);
    const read = new Map<string, Read>();
    for (const [name, secret] of secrets) {
      const { uid, resourceVersion } = secret.metadata.server;
      const version = `${uid} ${resourceVersion}`;
      const before = this.#read.get(name);
      read.set(
        name,
        before?.version === version ? before : { version, key: await this.#keyOf(name, secret) },
      );
    }
    this.#read = read;
    return [...read.values()].flatMap(({ key }) => key ?? []);
  }

  async #secrets(signal: AbortSignal): Promise<Map<string, Secret>> {
    const { namespace, prefix } = this.#options;
    const secrets = new Map<string, Secret>();
    const unreadable = new Set<string>();
    for await (const page of this.#api.list(SECRETS, { namespace, labelSelector: ACTIVE_KEYS }, signal)) {
      for (const item of page.items) {
        if (item.ok) {
          secrets.set(item.object.metadata.name, item.object);
          continue;
        }
        const secret = showRef(item.ref);
        if (!this.#unreadable.has(secret)) this.#skipped(secret, item.failure);
        unreadable.add(secret);
      }
    }
    this.#unreadable = unreadable;
    const legacy = await this.#api.get(SECRETS, { namespace, name: prefix }, signal);
    if (legacy) secrets.set(prefix, legacy);
    return secrets;
  }

  async #keyOf(name: string, secret: Secret): Promise<SealingKey | null> {
    const named = { secret: `${this.#options.namespace}/${name}` };
    if (isFromSealedSecret(secret)) {
      this.#log.error('a Secret that a SealedSecret made is not taken for a sealing key', named);
      return null;
    }
    try {
      const key = await readKeySecret(secret);
      const problem = this.#whyNotSealing(key, named.secret);
      if (problem)
        this.#log.warn('a sealing key opens but does not seal', { ...named, ...failureFields(problem) });
      return key;
    } catch (error) {
      this.#skipped(named.secret, failureOf(error, 'reading a key'));
      return null;
    }
  }

  #whyNotSealing({ certificate }: SealingKey, secret: string): Failure | undefined {
    if ('code' in certificate) return certificate;
    try {
      checkValidity(certificate, this.#clock.now(), `Secret ${secret}: tls.crt`);
      return undefined;
    } catch (error) {
      return failureOf(error, 'checking a certificate');
    }
  }

  #skipped(secret: string, failure: Failure): void {
    this.#log.error('a sealing key is skipped', { secret, ...failureFields(failure) });
  }
}
