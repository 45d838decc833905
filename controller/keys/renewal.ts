import type { Clock } from '../../shared/clock.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { makeKeyPair, type KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { fail } from './errors.ts';
import type { KeyOptions } from './key-options.ts';
import { firstKeySeed, nextKeyName } from './key-name.ts';
import { keySecretBody, readKeySecret, type SealingKey } from './key-secret.ts';
import type { CertifiedKey, SealingKeys } from './sealing-keys.ts';

/** How many names to try for the key that follows another. If all are taken, something is wrong. */
const MAX_NAMES = 10;

/** Returns when a key was made. */
export function madeAt(key: CertifiedKey, keys: SealingKeys): Date {
  // If this clock is far ahead of the API server's, the creation time of the Secret alone would make a new key due again.
  return new Date(Math.max(keys.timeOf(key).getTime(), key.certificate.notBefore.getTime()));
}

/** Returns when to renew the newest key; undefined: never. */
export function dueAt(newest: CertifiedKey, keys: SealingKeys, options: KeyOptions): Date | undefined {
  const made = madeAt(newest, keys);
  const { renewPeriod, cutoff } = options;
  const times: Date[] = [];
  if (renewPeriod > 0) {
    const { notBefore, notAfter } = newest.certificate;
    const beforeExpiry = notAfter.getTime() - (notAfter.getTime() - notBefore.getTime()) / 10;
    times.push(new Date(made.getTime() + renewPeriod), new Date(beforeExpiry));
  }
  // A cutoff in the future counts once it has passed: until then every key is older.
  if (cutoff && made < cutoff) times.push(cutoff);
  return times.sort((a, b) => a.getTime() - b.getTime())[0];
}

/** A key to create. It stays the same at every attempt, so that it is created once. */
interface Draft {
  /** The key to renew; undefined for the first key. */
  readonly follows: Fingerprint | undefined;
  readonly pair: KeyPairPem;
  /** Returns the name to use if those of all earlier attempts are taken. */
  readonly name: (attempt: number) => string;
}

/** What a `KeyMaker` needs. */
export interface KeyMakerContext {
  readonly api: Api;
  readonly options: KeyOptions;
  readonly clock: Clock;
}

/** The keys in use. */
export interface LoadedKeys {
  readonly keys: SealingKeys;
  /** Loads them again from the API server. */
  readonly reload: () => Promise<void>;
}

/**
 * Creates each key once, even if the process dies half way, an answer is lost, or another process creates it too. The
 * name of a new key is derived from the private key before it, so that the next attempt finds the key that was created.
 * Nobody without that private key can guess the name and take it in advance. The name of the first key is derived from
 * where it is made.
 */
export class KeyMaker {
  readonly #api: Api;
  readonly #options: KeyOptions;
  readonly #clock: Clock;
  #draft: Draft | undefined;

  constructor({ api, options, clock }: KeyMakerContext) {
    this.#api = api;
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Creates the key that follows `newest`, or the first one, and adds it to `keys` once its Secret is written. Returns
   * the new key, or undefined if an earlier attempt or another process has created it. Throws the errors of the API
   * server, `NotTheNewestKey`, and `NoKeyName`.
   */
  async make(
    newest: CertifiedKey | undefined,
    { keys, reload }: LoadedKeys,
    signal: AbortSignal,
  ): Promise<SealingKey | undefined> {
    const draft = await this.#draftAfter(newest, keys, signal);
    for (let attempt = 0; attempt < MAX_NAMES; attempt++) {
      const name = draft.name(attempt);
      const made = await this.#write(name, draft.pair, signal);
      if (made) keys.replace([...keys.all, made]);
      else await reload();
      const now = keys.newest;
      if (now && (!newest || keys.isNewer(now, newest))) {
        this.#draft = undefined;
        return made;
      }
      if (made) {
        this.#draft = undefined;
        fail({ code: 'NotTheNewestKey', at: this.#at(name) });
      }
    }
    return fail({ code: 'NoKeyName', at: this.#at(draft.name(0)), count: MAX_NAMES });
  }

  /** Returns undefined if the name is taken. */
  async #write(name: string, pair: KeyPairPem, signal: AbortSignal): Promise<SealingKey | undefined> {
    const ref = { namespace: this.#options.namespace, name };
    const body = keySecretBody(ref, pair, this.#options.made);
    try {
      const write = { verb: 'create' as const, kind: SECRETS, ref, body };
      return await readKeySecret(await this.#api.write(write, signal));
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') return undefined;
      throw error;
    }
  }

  async #draftAfter(
    newest: CertifiedKey | undefined,
    keys: SealingKeys,
    signal: AbortSignal,
  ): Promise<Draft> {
    const follows = newest?.key.fingerprint;
    if (this.#draft && this.#draft.follows === follows) return this.#draft;
    if (newest) await this.#waitForNextSecond(newest, signal);
    const { prefix, made } = this.#options;
    const pair = await makeKeyPair({ ...made, notBefore: this.#clock.now() });
    const seed = newest?.nameSeed ?? (await this.#firstSeed(keys));
    const name = (attempt: number): string => nextKeyName(prefix, seed, attempt);
    this.#draft = { follows, pair, name };
    return this.#draft;
  }

  async #firstSeed({ all }: SealingKeys): Promise<Buffer> {
    const { tls } = await this.#api.transport.connection.access();
    const parts = Array.isArray(tls.ca) ? tls.ca : [tls.ca ?? ''];
    const existing = all.map(({ key }) => key.fingerprint);
    return firstKeySeed({ namespace: this.#options.namespace, ca: parts.map(String).join('\n'), existing });
  }

  /** Waits for the next second: certificates have whole seconds, and of two keys from the same one neither is newer. */
  async #waitForNextSecond({ certificate }: CertifiedKey, signal: AbortSignal): Promise<void> {
    const wait = certificate.notBefore.getTime() + 1000 - this.#clock.now().getTime();
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }

  #at(name: string): string {
    return `Secret ${this.#options.namespace}/${name}`;
  }
}
