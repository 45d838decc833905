import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { failureOf } from '../../shared/errors.ts';
import { keyItems } from '../../shared/key-record/record.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { showRef, type Api } from '../../shared/kubernetes/api/api.ts';
import { CONFIG_MAPS } from '../../shared/kubernetes/api/kinds.ts';
import { NotLeader } from '../../shared/kubernetes/http/write-guard.ts';
import type { Clock } from '../../shared/clock.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { failureFields, type Log } from '../log/log.ts';
import { Backoff } from '../workqueue/backoff.ts';
import type { KeyOptions } from './key-options.ts';
import type { KeyRecordWatch } from './key-record.ts';
import { recordedKeys } from './recorded-keys.ts';
import type { SealingKeys } from './sealing-keys.ts';
import { UnusedKeys, type UnusedKey } from './unused-keys.ts';

/** How often counts alone are written at most, in ms; also how often to check whether anything has changed. */
export const RECORD_COUNTS_PERIOD = 60_000;
/** How often the counts are looked for while they are not known yet, in ms. */
const UNKNOWN_COUNTS_PERIOD = 1_000;
/** The least time between a write and the next one that only undoes what someone else wrote, in ms. */
const REPAIR_PAUSE = 10_000;

/** What a `KeyRecordWriter` needs. */
export interface KeyRecordWriterContext {
  readonly api: Api;
  readonly keys: SealingKeys;
  readonly options: KeyOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly record: KeyRecordWatch;
  /** Returns how many SealedSecrets each key opened; undefined if that is not known yet. */
  readonly counts: () => ReadonlyMap<Fingerprint, number> | undefined;
}

type Items = ReadonlyMap<string, string>;

/** What was written last. */
interface Written {
  readonly items: Items;
  /** The same without counts. */
  readonly uncounted: string;
  /** Whether the counts were known. */
  readonly isCounted: boolean;
  /** When, in ms of the clock. */
  readonly at: number;
}

/**
 * Writes the key record: at once when keys change, and at most once a minute when only counts do. Writes only its own
 * items, with merge patches, so that it needs no version and never overwrites what kubeseal writes. Nothing depends on
 * the record: a failure is logged once, and the write is tried again with growing pauses.
 */
export class KeyRecordWriter {
  readonly #context: KeyRecordWriterContext;
  readonly #unusedKeys: UnusedKeys;
  readonly #failures = new DedupLogger();
  #unused: readonly UnusedKey[] = [];
  /** Whether key Secrets may have changed since the last load. */
  #outdated = true;
  /** Whether the keys in use have been loaded. */
  #isLoaded = false;
  #written: Written | undefined;
  #wake = new AbortController();

  constructor(context: KeyRecordWriterContext) {
    this.#context = context;
    this.#unusedKeys = new UnusedKeys(context.api, context.options.namespace);
  }

  /** The keys in use have been loaded, so that key Secrets may have changed. */
  keysLoaded(): void {
    this.#isLoaded = true;
    this.#outdated = true;
    this.#wake.abort();
  }

  /** The record in the cluster may have changed. */
  recordChanged(): void {
    this.#wake.abort();
  }

  /** Runs in a term of the leader, until the signal aborts. Retries every failure. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const backoff = new Backoff(1_000, 5 * 60_000);
    const stopped = (): boolean => signal.aborted;
    // Other leaders may have written in the meantime.
    this.#written = undefined;
    this.#outdated = true;
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    while (!stopped()) {
      this.#wake = new AbortController();
      let pause: number;
      try {
        pause = await this.#pass(signal);
        backoff.reset();
      } catch (error) {
        if (stopped() || error instanceof NotLeader) return;
        this.#logFailure(error);
        pause = backoff.next();
      }
      await clock.sleep(pause, this.#wake.signal).catch(() => undefined);
    }
  }

  /** Writes the record if it is time to. Returns the time until the next pass, in ms. */
  async #pass(signal: AbortSignal): Promise<number> {
    if (!this.#isLoaded) return RECORD_COUNTS_PERIOD;
    if (this.#outdated) this.#unused = await this.#loadUnused(signal);
    const { keys, options, counts, clock } = this.#context;
    const known = counts();
    const recorded = recordedKeys({ keys, unused: this.#unused, order: options.order, counts: known });
    const items = new Map(Object.entries(keyItems(recorded)));
    const uncounted = JSON.stringify(keyItems(recorded.map((key) => ({ ...key, objects: undefined }))));
    const wait = this.#waitFor(items, uncounted);
    if (wait === 0) {
      await this.#write(items, signal);
      this.#written = { items, uncounted, isCounted: known !== undefined, at: clock.elapsed() };
    }
    const next = known === undefined ? UNKNOWN_COUNTS_PERIOD : RECORD_COUNTS_PERIOD;
    return wait ? Math.min(wait, next) : next;
  }

  async #loadUnused(signal: AbortSignal): Promise<readonly UnusedKey[]> {
    this.#outdated = false;
    try {
      return await this.#unusedKeys.load(signal);
    } catch (error) {
      this.#outdated = true;
      throw error;
    }
  }

  /** Returns in how many ms to write; undefined if there is nothing to write. */
  #waitFor(items: Items, uncounted: string): number | undefined {
    const { clock, record } = this.#context;
    const written = this.#written;
    // A record that cannot be read counts as being as it was written.
    const stored = record.stored === undefined ? written?.items : record.stored;
    if (isIn(items, stored)) return undefined;
    if (written?.uncounted !== uncounted) return 0;
    const isChangedByOthers = !isIn(written.items, stored);
    if (!isChangedByOthers && !written.isCounted) return 0;
    const pause = isChangedByOthers ? REPAIR_PAUSE : RECORD_COUNTS_PERIOD;
    return Math.max(0, written.at + pause - clock.elapsed());
  }

  async #write(items: Items, signal: AbortSignal): Promise<void> {
    const { api, record, log } = this.#context;
    const { ref } = record;
    const kind = CONFIG_MAPS;
    const data = Object.fromEntries(items);
    const patch = { verb: 'patch' as const, kind, ref, body: { data } };
    const created = { apiVersion: 'v1', kind: kind.kind, metadata: ref, data };
    const stored = await api.write(patch, signal).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      return api.write({ verb: 'create', kind, ref, body: created }, signal);
    });
    this.#failures.forget(ref.name);
    if (this.#written === undefined) log.info('key record written', { record: showRef(ref) });
    record.seen(stored);
  }

  #logFailure(error: unknown): void {
    const { ref } = this.#context.record;
    const failure = failureOf(error, 'key record');
    const isForbidden = error instanceof ApiError && error.status === 403;
    const words = isForbidden
      ? 'not allowed to write the key record; doing without it until RBAC permits it'
      : 'failed to write the key record; retrying';
    const fields = { record: showRef(ref), ...failureFields(failure) };
    this.#failures.log(ref.name, failure.describe(), () => this.#context.log.warn(words, fields));
  }
}

/** Whether a ConfigMap has these items. */
function isIn(items: Items, stored: Items | null | undefined): boolean {
  return stored ? [...items].every(([name, text]) => stored.get(name) === text) : false;
}
