import { failureOf } from '../../shared/errors.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { NotLeader } from '../../shared/kubernetes/http/write-guard.ts';
import type { Clock } from '../../shared/clock.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { failureFields, type Log } from '../log/log.ts';
import { Backoff } from '../workqueue/backoff.ts';
import { fail, keyFailure } from './errors.ts';
import type { KeyListener } from './key-event-logger.ts';
import { keptKeyName } from './key-name.ts';
import type { KeyOptions } from './key-options.ts';
import { keptKeyBody, type KeySource, type SealingKey } from './key-secret.ts';
import { UnusedKeys } from './unused-keys.ts';

/** How many replaced keys wait for a Secret at most. */
export const MAX_REPLACED_KEYS = 100;
/** How many names to try for the Secret of a replaced key. If all are taken, something is wrong. */
const MAX_NAMES = 10;

/** A key whose Secret holds another one now. */
export interface ReplacedKey {
  readonly key: SealingKey & { readonly source: KeySource };
  /** The UID and version of that Secret as it is now. */
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What `ReplacedKeys` need. */
export interface ReplacedKeysContext {
  readonly api: Api;
  readonly options: KeyOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: KeyListener;
}

/**
 * The keys whose Secrets were given other ones, as cert-manager does at each renewal. They go on opening from memory, and
 * do not seal, until the leader has written each to a Secret of its own. Its name is derived from the private key: two
 * replicas or attempts make one Secret, and nobody can take the name in advance.
 *
 * A key that exists in any key Secret does not wait here: in particular one that someone has labelled as retired.
 */
export class ReplacedKeys {
  readonly #context: ReplacedKeysContext;
  readonly #unusedKeys: UnusedKeys;
  readonly #waiting = new Map<Fingerprint, ReplacedKey>();
  readonly #failures = new DedupLogger();
  readonly #backoff = new Backoff(1_000, 5 * 60_000);
  /** When to try again, in ms of the clock. */
  #retryAt = 0;

  constructor(context: ReplacedKeysContext) {
    this.#context = context;
    this.#unusedKeys = new UnusedKeys(context.api, context.options.namespace);
  }

  /** The keys that wait for a Secret of their own. They open, and do not seal. */
  get keys(): readonly SealingKey[] {
    return [...this.#waiting.values()].map(({ key }) => ({
      ...key,
      secretName: this.#nameOf(key, 0),
      certificate: keyFailure({ code: 'KeyReplaced', at: this.#at(key.secretName) }),
    }));
  }

  /** How long until the next attempt to write them, in ms; undefined if none waits. */
  get pause(): number | undefined {
    if (this.#waiting.size === 0) return undefined;
    return Math.max(0, this.#retryAt - this.#context.clock.elapsed());
  }

  /**
   * Adds keys that were replaced, and forgets those that are in a key Secret by now. Throws if the Secrets of unused keys
   * cannot be listed: without them, a key that someone took out of use could come back.
   */
  async update(
    replaced: readonly ReplacedKey[],
    used: readonly SealingKey[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const each of replaced) this.#add(each);
    for (const { key } of used) this.#waiting.delete(key.fingerprint);
    if (this.#waiting.size === 0) return;
    for (const { fingerprint } of await this.#unusedKeys.load(signal)) this.#waiting.delete(fingerprint);
  }

  /**
   * Writes the keys that wait to Secrets of their own. Logs failures and retries them later; throws only `NotLeader`.
   *
   * @param reload loads all keys again, which calls `update`
   */
  async keep(reload: () => Promise<void>, signal: AbortSignal): Promise<void> {
    if (this.pause !== 0) return;
    try {
      for (const each of [...this.#waiting.values()]) await this.#keep(each, reload, signal);
      this.#backoff.reset();
    } catch (error) {
      if (error instanceof NotLeader || signal.aborted) throw error;
      this.#retryAt = this.#context.clock.elapsed() + this.#backoff.next();
      const failure = failureOf(error, 'keeping a replaced key');
      this.#failures.log('keep', failure.describe(), () =>
        this.#context.log.error('failed to keep a replaced sealing key, which is only in memory; retrying', {
          keys: this.#waiting.size,
          ...failureFields(failure),
        }),
      );
    }
  }

  #add(replaced: ReplacedKey): void {
    const { fingerprint, secretName: secret } = { ...replaced.key, ...replaced.key.key };
    this.#waiting.set(fingerprint, replaced);
    this.#context.log.warn('the Secret of a sealing key was given another key; keeping the old one', {
      secret,
      fingerprint,
    });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size <= MAX_REPLACED_KEYS || oldest === undefined) return;
    this.#waiting.delete(oldest);
    this.#context.log.error('too many replaced sealing keys wait for a Secret; one is lost', {
      fingerprint: oldest,
    });
  }

  async #keep(replaced: ReplacedKey, reload: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { key } = replaced;
    const { fingerprint } = key.key;
    for (let attempt = 0; attempt < MAX_NAMES; attempt++) {
      if (!this.#waiting.has(fingerprint)) return;
      const name = this.#nameOf(key, attempt);
      const isWritten = await this.#write(name, key, signal);
      if (isWritten) {
        const { log, listener } = this.#context;
        log.info('replaced sealing key kept', { secret: name, from: key.secretName, fingerprint });
        listener.onKeyKept(replaced, name);
      }
      // It is used from its Secret, like every other key. If the name is taken, perhaps by it.
      await reload();
    }
    if (this.#waiting.has(fingerprint))
      fail({ code: 'NoKeyName', at: this.#at(this.#nameOf(key, 0)), count: MAX_NAMES });
  }

  /** Returns false if the name is taken. */
  async #write(name: string, key: ReplacedKey['key'], signal: AbortSignal): Promise<boolean> {
    const { api, options } = this.#context;
    const ref = { namespace: options.namespace, name };
    const body = keptKeyBody(ref, key, options.made);
    try {
      await api.write({ verb: 'create', kind: SECRETS, ref, body }, signal);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') return false;
      throw error;
    }
  }

  #nameOf({ nameSeed }: SealingKey, attempt: number): string {
    return keptKeyName(this.#context.options.prefix, nameSeed, attempt);
  }

  #at(name: string): string {
    return `Secret ${this.#context.options.namespace}/${name}`;
  }
}
