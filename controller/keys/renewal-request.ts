import { formatTime, type Clock } from '../../shared/clock.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import type { Log } from '../log/log.ts';
import type { KeyOptions } from './key-options.ts';
import { madeAt } from './renewal.ts';
import { CLOCK_SKEW, type CertifiedKey, type SealingKeys } from './sealing-keys.ts';

/** The least age of the newest key when a request makes the next one, in ms. */
export const REQUEST_PERIOD = 60_000;

/** What a `RenewalRequest` needs. */
export interface RenewalRequestContext {
  readonly keys: SealingKeys;
  readonly options: KeyOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns when someone requested a new key last, as the key record says; undefined if nobody did. */
  readonly renewRequestedAt: () => Date | undefined;
}

/**
 * The request for a new key in the key record. It holds while the newest key is older than it: nothing has to remember
 * which requests were granted, and each leader comes to the same result.
 */
export class RenewalRequest {
  readonly #context: RenewalRequestContext;
  readonly #logged = new DedupLogger();

  constructor(context: RenewalRequestContext) {
    this.#context = context;
  }

  /**
   * Returns when to make the key that was requested; undefined if there is nothing to do. A request from the future
   * counts once its time has come: until then every key is older.
   */
  dueAt(newest: CertifiedKey | undefined): Date | undefined {
    const requested = this.#context.renewRequestedAt();
    if (requested === undefined) return undefined;
    const made = newest && madeAt(newest, this.#context.keys).getTime();
    // Certificates have whole seconds.
    if (made !== undefined && made >= Math.floor(requested.getTime() / 1000) * 1000) return undefined;
    return new Date(Math.max(requested.getTime(), made === undefined ? 0 : made + REQUEST_PERIOD));
  }

  /** Whether it is time to make the key that was requested. Logs once what happens to each request. */
  isDue(newest: CertifiedKey | undefined): boolean {
    const due = this.dueAt(newest);
    const requested = this.#context.renewRequestedAt();
    if (due === undefined || requested === undefined) return false;
    const { clock, options } = this.#context;
    const now = clock.now().getTime();
    if (requested.getTime() > now + CLOCK_SKEW) {
      this.#log(
        'warn',
        'ignoring the request for a new sealing key, which is for a time in the future',
        requested,
      );
      return false;
    }
    if (options.generation === 'never') {
      this.#log(
        'warn',
        'ignoring the request for a new sealing key because of --key-generation=never',
        requested,
      );
      return false;
    }
    if (due.getTime() > now) return false;
    this.#log('info', 'sealing key renewal requested in the key record', requested);
    return true;
  }

  #log(level: 'info' | 'warn', message: string, requested: Date): void {
    const at = formatTime(requested);
    this.#logged.log('request', `${message} ${at}`, () =>
      this.#context.log[level](message, { requested: at }),
    );
  }
}
