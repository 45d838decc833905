import type { Api } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';
import { NotLeader } from '../../shared/kubernetes/http/write-guard.ts';
import { Backoff } from '../workqueue/backoff.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { KeyOptions } from './key-options.ts';
import { KeyLoader } from './key-loader.ts';
import { dueAt, KeyMaker } from './renewal.ts';
import { ReplacedKeys } from './replaced-keys.ts';
import { RenewalRequest } from './renewal-request.ts';
import { KeyEventLogger, type KeyListener } from './key-event-logger.ts';
import { CLOCK_SKEW, type CertifiedKey, type SealingKeys } from './sealing-keys.ts';

/** How often to check whether a key is due, in ms. Timers alone miss a machine that slept or a clock that stepped. */
const LONGEST_SLEEP = 60_000;

/** Everything that a `KeyManager` and its parts need. */
export interface KeyManagerContext {
  readonly api: Api;
  /** The keys to keep in line with their Secrets. */
  readonly keys: SealingKeys;
  readonly options: KeyOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: KeyListener;
  /** Whether this process may generate keys now: others of its kind only use them. */
  readonly leader: { readonly isLeader: boolean };
  /** Returns when someone requested a new key last, as the key record says; undefined if nobody did. */
  readonly renewRequestedAt: () => Date | undefined;
}

/**
 * Keeps the sealing keys in line with their Secrets, and generates the keys that are due: the first one, and renewals.
 * Each pass starts from the current keys and the current time, so that nothing that happened in between is missed.
 */
export class KeyManager {
  readonly #keys: SealingKeys;
  readonly #options: KeyOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #loader: KeyLoader;
  readonly #maker: KeyMaker;
  readonly #events: KeyEventLogger;
  readonly #leader: KeyManagerContext['leader'];
  readonly #listener: KeyListener;
  readonly #request: RenewalRequest;
  readonly #replaced: ReplacedKeys;
  /** Whether the Secrets may have changed since the last load. */
  #outdated = true;
  /**
   * The renewal that was requested. `follows` is the key to renew, once that is known; null if there was none to seal
   * with.
   */
  #requested: { follows?: CertifiedKey | null; isPostponed?: boolean } | undefined;
  #wake = new AbortController();

  constructor(context: KeyManagerContext) {
    this.#keys = context.keys;
    this.#options = context.options;
    this.#leader = context.leader;
    this.#listener = context.listener;
    this.#request = new RenewalRequest(context);
    this.#replaced = new ReplacedKeys(context);
    this.#clock = context.clock;
    this.#log = context.log;
    this.#loader = new KeyLoader(context);
    this.#maker = new KeyMaker(context);
    this.#events = new KeyEventLogger(context);
  }

  /** Marks the keys as outdated: their Secrets may have changed. */
  changed(): void {
    this.#outdated = true;
    this.#wake.abort();
  }

  /** Checks at once whether a key is due: this process may generate keys now, or no longer. */
  leaderChanged(): void {
    this.#wake.abort();
  }

  /** Checks at once whether someone requested a new key in the key record. */
  recordChanged(): void {
    this.#wake.abort();
  }

  /** Requests a new key, whatever the age of the newest. A request that comes while a key is generated means that key. */
  renew(): void {
    this.#requested ??= {};
    this.#wake.abort();
  }

  /** When the newest key is due for renewal; undefined: the controller does not renew it, or there is none. */
  get renewalDue(): Date | undefined {
    const { newest } = this.#keys;
    if (newest === undefined || this.#options.generation === 'never') return undefined;
    return dueAt(newest, this.#keys, this.#options);
  }

  /** Runs until the signal aborts. Retries failures with growing pauses. */
  async run(signal: AbortSignal): Promise<void> {
    const beforeFirstKey = new Backoff(500, 10_000);
    const afterFirstKey = new Backoff(1_000, 5 * 60_000);
    const stopped = (): boolean => signal.aborted;
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    while (!stopped()) {
      // A change or request from here on ends the sleep below, even before it begins.
      this.#wake = new AbortController();
      try {
        if (this.#outdated) await this.#load(signal);
        if (this.#leader.isLeader) await this.#replaced.keep(() => this.#load(signal), signal);
        await this.#generateIfDue(signal);
        beforeFirstKey.reset();
        afterFirstKey.reset();
        await this.#clock.sleep(this.#pause(), this.#wake.signal).catch(() => undefined);
      } catch (error) {
        if (stopped()) return;
        // The failed attempt may have created a Secret: load before the next attempt.
        this.#outdated = true;
        if (error instanceof NotLeader) continue;
        const { hadKey } = this.#events;
        const what = hadKey
          ? 'failed to refresh sealing keys; retrying'
          : 'sealing keys are not available yet; retrying';
        this.#log.error(what, failureFields(failureOf(error, 'key manager')));
        await this.#clock
          .sleep((hadKey ? afterFirstKey : beforeFirstKey).next(), signal)
          .catch(() => undefined);
      }
    }
  }

  async #load(signal: AbortSignal): Promise<void> {
    this.#outdated = false;
    const { keys, compromised, replaced } = await this.#loader.load(signal);
    await this.#replaced.update(replaced, keys, signal);
    this.#keys.replace([...keys, ...this.#replaced.keys], compromised);
    this.#events.logChanges();
    this.#listener.onKeysLoaded();
  }

  async #generateIfDue(signal: AbortSignal): Promise<void> {
    // Keys become valid and expire without any change of their Secrets.
    this.#events.logChanges();
    const { newest } = this.#keys;
    this.#checkRequest(newest);
    if (!this.#leader.isLeader) return;
    const isDue = this.#isDue(newest) || (this.#request.isDue(newest) && !this.#keys.newestIsAhead);
    if (this.#options.generation === 'never' || !isDue) return;
    const loaded = { keys: this.#keys, reload: () => this.#load(signal) };
    const made = await this.#maker.make(newest, loaded, signal);
    this.#requested = undefined;
    if (made) {
      const { secretName: secret, key } = made;
      this.#log.info('sealing key generated', { secret, fingerprint: key.fingerprint });
    }
    this.#events.logChanges();
  }

  /** Completes a request once there is a newer key, even if the answer to its creation was lost. */
  #checkRequest(newest: CertifiedKey | undefined): void {
    if (this.#requested === undefined) return;
    if (this.#options.generation === 'never') {
      this.#log.warn('ignoring the request for a new sealing key because of --key-generation=never');
      this.#requested = undefined;
      return;
    }
    const { follows, isPostponed } = this.#requested;
    if (this.#keys.newestIsAhead && !isPostponed) {
      this.#requested.isPostponed = true;
      this.#log.warn('postponing the new sealing key until the clock has passed the start of the newest key');
    }
    if (follows === undefined) this.#requested.follows = newest ?? null;
    else if (newest && (!follows || this.#keys.isNewer(newest, follows))) this.#requested = undefined;
  }

  #isDue(newest: CertifiedKey | undefined): boolean {
    // A key generated while the clock is set back would not be the newest.
    if (this.#requested) return !this.#keys.newestIsAhead;
    const now = this.#clock.now();
    const { nextValid } = this.#keys;
    // Another controller whose clock is ahead made such a key, or this one did before its clock was set back.
    const validSoon = nextValid !== undefined && nextValid.getTime() - now.getTime() <= CLOCK_SKEW;
    if (newest) {
      const due = dueAt(newest, this.#keys, this.#options);
      return due !== undefined && due <= now && !validSoon;
    }
    if (!this.#events.hadKey) return !validSoon;
    // A person took the last key out of use, and decides about the next one. A clock that steps decides nothing.
    const hasEnded = this.#options.renewPeriod > 0 && this.#keys.hasExpired;
    return hasEnded || this.#keys.sealingIsAhead;
  }

  /** Returns how long to sleep until the next pass, in ms. */
  #pause(): number {
    const { newest, nextValid } = this.#keys;
    const due = newest && dueAt(newest, this.#keys, this.#options);
    const now = this.#clock.now().getTime();
    const { notBefore, notAfter } = newest?.certificate ?? {};
    const pauses = [due, notBefore, notAfter, nextValid, this.#request.dueAt(newest)].map((time) =>
      // A key that is due and was not generated: generation is off or must wait.
      time && time.getTime() > now ? time.getTime() - now : LONGEST_SLEEP,
    );
    const replaced = this.#leader.isLeader ? this.#replaced.pause : undefined;
    return Math.min(LONGEST_SLEEP, ...pauses, replaced ?? LONGEST_SLEEP);
  }
}
