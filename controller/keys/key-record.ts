import type { ConfigMap } from '../../shared/api/config-map.ts';
import { showRef, type Api, type Ref } from '../../shared/kubernetes/api/api.ts';
import { CONFIG_MAPS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { readRequests, type VerifiedBackups } from '../../shared/key-record/record.ts';
import { Reflector, type Sink } from '../informer/reflector.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { failureFields, type Log } from '../log/log.ts';

/** What a `KeyRecordWatch` needs. */
export interface KeyRecordWatchOptions {
  readonly ref: Ref;
  readonly log: Log;
  /** Called when the record may have changed, and when the first list is complete. */
  readonly onChange: () => void;
}

/**
 * What the key record in the cluster says. Of what others may have written, what is malformed is logged once and counts
 * as absent.
 */
export class KeyRecordWatch implements Sink<ConfigMap> {
  readonly ref: Ref;
  readonly #log: Log;
  readonly #problems = new DedupLogger();
  readonly #onChange: () => void;
  #stored: ReadonlyMap<string, string> | undefined;
  #isListed = false;
  #backups: VerifiedBackups | undefined;
  #renewRequestedAt: Date | undefined;

  constructor({ ref, log, onChange }: KeyRecordWatchOptions) {
    this.ref = ref;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** When a backup with each key was verified last; undefined if the record cannot be read. */
  get backups(): VerifiedBackups | undefined {
    return this.#isListed ? (this.#backups ?? new Map()) : undefined;
  }

  /** When someone requested a new key last. */
  get renewRequestedAt(): Date | undefined {
    return this.#renewRequestedAt;
  }

  /** The items of the ConfigMap: null if there is no ConfigMap, undefined if that is unknown. */
  get stored(): ReadonlyMap<string, string> | null | undefined {
    return this.#stored ?? (this.#isListed ? null : undefined);
  }

  /** Keeps the record up to date until the signal aborts. */
  async watch(
    { api, clock }: { readonly api: Api; readonly clock: Clock },
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace, name } = this.ref;
    const query = { namespace, fieldSelector: `metadata.name=${name}` };
    const kind = CONFIG_MAPS;
    const refOf = ({ metadata }: ConfigMap): Ref => metadata;
    const reflector = new Reflector({ api, clock, log: this.#log, kind, query, refOf, sink: this });
    await reflector.run(signal);
  }

  seen(configMap: ConfigMap): void {
    const { backups, renewRequestedAt, problems } = readRequests(configMap);
    this.#stored = configMap.data;
    this.#backups = backups;
    this.#renewRequestedAt = renewRequestedAt;
    const record = showRef(this.ref);
    const text = problems.map((problem) => problem.describe()).join('\n');
    this.#problems.log(record, text, () => {
      for (const problem of problems)
        this.#log.warn('ignoring a malformed part of the key record', { record, ...failureFields(problem) });
    });
    this.#onChange();
  }

  gone(): void {
    this.#stored = undefined;
    this.#backups = undefined;
    this.#renewRequestedAt = undefined;
    this.#onChange();
  }

  *known(): Iterable<[string, Ref]> {
    if (this.#stored !== undefined) yield [showRef(this.ref), this.ref];
  }

  caughtUp(): void {
    this.#isListed = true;
    this.#onChange();
  }
}
