import { isDeepStrictEqual } from 'node:util';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { Condition } from '../../shared/api/status.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import { escaped } from '../../shared/text.ts';
import type { Result } from '../workqueue/result.ts';
import { PREFIX } from './prefix.ts';
import { registerSyncStates, syncStateOf, type SyncState } from './sync-states.ts';

/**
 * The step that failed: reading the SealedSecret, opening it, checking the owner of the Secret, writing the Secret, or
 * writing the status.
 */
export type UnsealError = 'fetch' | 'unseal' | 'unmanaged' | 'update' | 'status';

const ERRORS: readonly UnsealError[] = ['fetch', 'unseal', 'unmanaged', 'update', 'status'];
const INSTANCE = 'app.kubernetes.io/instance';
/** The value of a condition's series, by its status. */
const VALUES: ReadonlyMap<string, number> = new Map([
  ['True', 1],
  ['Unknown', 0],
  ['False', -1],
]);

type ConditionLabel = 'namespace' | 'name' | 'condition' | 'ss_app_kubernetes_io_instance';

/** The series of one SealedSecret. */
interface Series {
  /** The labels of the series of its condition; absent if there is none yet. */
  labels?: Readonly<Record<ConditionLabel, string>>;
  /** The value of that series. */
  value?: number;
  /** What its condition says; absent if there is none yet. */
  state?: SyncState;
  /** The keys that opened it last. */
  openedBy: ReadonlySet<Fingerprint>;
}

/**
 * Counts what happens to SealedSecrets. Metrics that the reference has too have its names, labels and values. A series
 * that names an object or a namespace is removed with it.
 */
export class SealedSecretMetrics {
  readonly #requests: Counter;
  readonly #errors: Counter<'reason' | 'namespace'>;
  readonly #conditions: Gauge<ConditionLabel> | undefined;
  readonly #duration: Histogram<'next'>;
  readonly #templateFailures: Counter;
  readonly #broughtForward: Counter;
  /** By namespace and name. */
  readonly #series = new Map<string, Map<string, Series>>();

  constructor(registry: Registry, omitSecretLabels: boolean) {
    const registers = [registry];
    this.#requests = new Counter({
      name: `${PREFIX}unseal_requests_total`,
      help: 'Attempts to unseal a SealedSecret.',
      registers,
    });
    this.#errors = new Counter({
      name: `${PREFIX}unseal_errors_total`,
      help: 'Errors while reconciling SealedSecrets, by reason and namespace.',
      labelNames: ['reason', 'namespace'],
      registers,
    });
    // As in the reference, each reason has a series before it occurs.
    for (const reason of ERRORS) this.#errors.inc({ reason, namespace: '' }, 0);
    this.#conditions = omitSecretLabels
      ? undefined
      : new Gauge({
          name: `${PREFIX}condition_info`,
          help: 'Condition of each SealedSecret: 1 for True, 0 for Unknown, -1 for False.',
          labelNames: ['namespace', 'name', 'condition', 'ss_app_kubernetes_io_instance'],
          registers,
        });
    this.#duration = new Histogram({
      name: `${PREFIX}reconcile_duration_seconds`,
      help: 'Duration of a reconcile, by what follows: rest, key (waits for a key), retry, later.',
      labelNames: ['next'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    // No label names the cause: it depends on decrypted values, and any pod may be able to read metrics.
    this.#templateFailures = new Counter({
      name: `${PREFIX}template_failures_total`,
      help: 'Templates that could not be parsed, failed, or exceeded a limit.',
      registers,
    });
    this.#broughtForward = new Counter({
      name: `${PREFIX}brought_forward_total`,
      help: 'Retry delays that ended early because an outage was over or was probed.',
      registers,
    });
    registerSyncStates(registry, () => this.#states());
    const objectsByKey = (): ReadonlyMap<Fingerprint, number> => this.objectsByKey();
    new Gauge({
      name: `${PREFIX}key_objects`,
      help: 'SealedSecrets by the key that opened them last. One that needs several keys counts for each of them.',
      labelNames: ['fingerprint'],
      registers,
      collect() {
        this.reset();
        for (const [fingerprint, count] of objectsByKey()) this.set({ fingerprint }, count);
      },
    });
  }

  /** Counts an attempt to unseal. */
  began(ref: Ref): void {
    this.#requests.inc();
    this.#entry(ref);
  }

  /** Counts a failure. */
  failed(ref: Ref, reason: UnsealError): void {
    this.#entry(ref);
    this.#errors.inc({ reason, namespace: escaped(ref.namespace) });
  }

  /** Records the keys that opened a SealedSecret, if any, and the problems of its items. */
  opened(ref: Ref, keys: Iterable<Fingerprint>, problems: readonly ItemProblem[] = []): void {
    this.#entry(ref).openedBy = new Set(keys);
    for (const problem of problems) {
      if (problem.code === 'Template') this.#templateFailures.inc();
    }
  }

  /**
   * Sets the series of a SealedSecret by its status in the cluster.
   *
   * @param keys the keys that opened it, if they are known
   */
  seen(object: Metadata, conditions: readonly Condition[], keys?: Iterable<Fingerprint>): void {
    const entry = this.#entry(object);
    if (keys) entry.openedBy = new Set(keys);
    this.setConditions(object, conditions);
  }

  /** Sets the series of the condition. Does nothing for an object that is forgotten or was not reconciled yet. */
  setConditions(object: Metadata, conditions: readonly Condition[]): void {
    const synced = conditions.find(({ type }) => type === 'Synced');
    const value = VALUES.get(synced?.status ?? '');
    const entry = this.#series.get(object.namespace)?.get(object.name);
    if (synced === undefined || value === undefined || entry === undefined) return;
    entry.state = syncStateOf(synced);
    if (this.#conditions === undefined) return;
    const labels = {
      namespace: escaped(object.namespace),
      name: escaped(object.name),
      condition: 'Synced',
      ss_app_kubernetes_io_instance: escaped(object.labels.get(INSTANCE) ?? ''),
    };
    if (entry.value === value && isDeepStrictEqual(entry.labels, labels)) return;
    if (entry.labels) this.#conditions.remove(entry.labels);
    entry.labels = labels;
    entry.value = value;
    this.#conditions.set(labels, value);
  }

  /** Records how long a reconcile took, in seconds, and its result. */
  observeReconcile(seconds: number, result: Result): void {
    this.#duration.observe({ next: labelOf(result) }, seconds);
  }

  /** Counts a pause after a failure that ended early. */
  broughtForward(): void {
    this.#broughtForward.inc();
  }

  /** Removes the series of a SealedSecret that is gone, or that the controller no longer watches. */
  forget({ namespace, name }: Ref): void {
    const names = this.#series.get(namespace);
    const labels = names?.get(name)?.labels;
    if (labels) this.#conditions?.remove(labels);
    names?.delete(name);
    if (names?.size !== 0) return;
    this.#series.delete(namespace);
    for (const reason of ERRORS) this.#errors.remove({ reason, namespace: escaped(namespace) });
  }

  #entry({ namespace, name }: Ref): Series {
    const names = this.#series.get(namespace) ?? new Map<string, Series>();
    const entry = names.get(name) ?? { openedBy: new Set() };
    this.#series.set(namespace, names.set(name, entry));
    return entry;
  }

  *#states(): Iterable<readonly [string, readonly SyncState[]]> {
    for (const [namespace, names] of this.#series) {
      yield [namespace, [...names.values()].flatMap(({ state }) => (state === undefined ? [] : [state]))];
    }
  }

  /** Returns how many SealedSecrets each key opened last. Keys that opened none are not in it. */
  objectsByKey(): ReadonlyMap<Fingerprint, number> {
    const counts = new Map<Fingerprint, number>();
    for (const names of this.#series.values()) {
      for (const { openedBy } of names.values()) {
        for (const key of openedBy) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    return counts;
  }
}

/** Returns the value of the label `next`. */
function labelOf(result: Result): 'rest' | 'key' | 'retry' | 'later' {
  if (typeof result === 'object') return 'after' in result ? 'later' : 'retry';
  if (result === 'onNewKey') return 'key';
  return result === 'backoff' ? 'retry' : 'rest';
}
