import type { Api } from '../../shared/kubernetes/api/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { failureOf } from '../../shared/errors.ts';
import { Backoff } from '../workqueue/backoff.ts';
import { failureFields, type Log } from '../log/log.ts';
import type { KeyOptions } from './key-options.ts';
import { KeyLoader } from './key-loader.ts';
import { dueAt, KeyMaker } from './renewal.ts';
import { KeyEventLogger, type KeyListener } from './key-event-logger.ts';
import { CLOCK_SKEW, type CertifiedKey, type SealingKeys } from './sealing-keys.ts';

/** How often to check whether a key is due, in milliseconds: the machine may have slept, or its clock may have stepped. */
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
  /** Whether the Secrets may say something else by now. */
  #outdated = true;
  /** A renewal that was asked for: of which key, once that is known; null where there was none to seal with. */
  #asked: { follows?: CertifiedKey | null; isPostponed?: boolean } | undefined;
  #wake = new AbortController();

  constructor(context: KeyManagerContext) {
    this.#keys = context.keys;
    this.#options = context.options;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#loader = new KeyLoader(context);
    this.#maker = new KeyMaker(context);
    this.#events = new KeyEventLogger(context);
  }

  /** Says that the key Secrets may have changed. */
  changed(): void {
    this.#outdated = true;
    this.#wake.abort();
  }

  /** Asks for a new key at once, whatever the age of the newest. What is asked while one is made asks for that one. */
  renew(): void {
    this.#asked ??= {};
    this.#wake.abort();
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const atStart = new Backoff(500, 10_000);
    const later = new Backoff(1_000, 5 * 60_000);
    const stopped = (): boolean => signal.aborted;
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    while (!stopped()) {
      // Whatever comes from here on ends the sleep below, even before it begins.
      this.#wake = new AbortController();
      try {
        if (this.#outdated) await this.#load(signal);
        await this.#makeWhatIsDue(signal);
        atStart.reset();
        later.reset();
        await this.#clock.sleep(this.#pause(), this.#wake.signal).catch(() => undefined);
      } catch (error) {
        if (stopped()) return;
        const { hadKey } = this.#events;
        const what = hadKey ? 'sealing keys cannot be kept up to date' : 'sealing keys cannot be had yet';
        this.#log.error(what, failureFields(failureOf(error, 'keeping keys')));
        // What an attempt has left behind is looked for before the next one.
        this.#outdated = true;
        await this.#clock.sleep((hadKey ? later : atStart).next(), signal).catch(() => undefined);
      }
    }
  }

  async #load(signal: AbortSignal): Promise<void> {
    this.#outdated = false;
    const { keys, compromised } = await this.#loader.load(signal);
    this.#keys.replace(keys, compromised);
    this.#events.logChanges();
  }

  async #makeWhatIsDue(signal: AbortSignal): Promise<void> {
    // Time alone makes keys valid, and ends them.
    this.#events.logChanges();
    const { newest } = this.#keys;
    this.#checkAsked(newest);
    if (this.#options.generation === 'never' || !this.#isDue(newest)) return;
    const made = await this.#maker.make(newest, this.#keys, () => this.#load(signal), signal);
    this.#asked = undefined;
    if (made) {
      const { secretName: secret, key } = made;
      this.#log.info('sealing key made', { secret, fingerprint: key.fingerprint });
    }
    this.#events.logChanges();
  }

  /** A renewal that was asked for is done once there is a newer key: its making may have succeeded unheard. */
  #checkAsked(newest: CertifiedKey | undefined): void {
    if (this.#asked === undefined) return;
    if (this.#options.generation === 'never') {
      this.#log.warn('a new sealing key was asked for, and --key-generation=never makes none');
      this.#asked = undefined;
      return;
    }
    const { follows, isPostponed } = this.#asked;
    if (this.#keys.newestIsAhead && !isPostponed) {
      this.#asked.isPostponed = true;
      this.#log.warn(
        'a new sealing key is made once the clock has passed the time at which the newest key begins',
      );
    }
    if (follows === undefined) this.#asked.follows = newest ?? null;
    else if (newest && (!follows || this.#keys.isNewer(newest, follows))) this.#asked = undefined;
  }

  #isDue(newest: CertifiedKey | undefined): boolean {
    // A key made by a clock that was set back would not be the newest.
    if (this.#asked) return !this.#keys.newestIsAhead;
    const now = this.#clock.now();
    const { nextValid } = this.#keys;
    // A key from a moment ahead was made by a controller whose clock is ahead, or before this clock was set back.
    const follows = nextValid !== undefined && nextValid.getTime() - now.getTime() <= CLOCK_SKEW;
    if (newest) {
      const due = dueAt(newest, this.#keys, this.#options);
      return due !== undefined && due <= now && !follows;
    }
    if (!this.#events.hadKey) return !follows;
    // Taking the last key out of use is a person's decision, and so is making the next one. A clock that steps is no
    // such decision.
    const hasEnded = this.#options.renewPeriod > 0 && this.#keys.hasExpired;
    return hasEnded || this.#keys.sealingIsAhead;
  }

  #pause(): number {
    const { newest, nextValid } = this.#keys;
    const due = newest && dueAt(newest, this.#keys, this.#options);
    const now = this.#clock.now().getTime();
    const pauses = [due, newest?.certificate.notBefore, newest?.certificate.notAfter, nextValid].map((time) =>
      // Due and not made: nothing is made at all here.
      time && time.getTime() > now ? time.getTime() - now : LONGEST_SLEEP,
    );
    return Math.min(LONGEST_SLEEP, ...pauses);
  }
}
