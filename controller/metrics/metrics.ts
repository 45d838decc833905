import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import { version } from '../../shared/version.ts';
import { LeaderMetrics, type LeaderState } from './leader.ts';
import { DecryptionMetrics } from './decryption.ts';
import { EventMetrics } from './events.ts';
import { PREFIX } from './prefix.ts';
import { QueueMetrics } from './queue.ts';
import { RequestMetrics } from './requests.ts';
import { SealedSecretMetrics } from './sealed-secrets.ts';
import { registerState, type State } from './state.ts';
import { WatchMetrics } from './watches.ts';

/** The flags that concern metrics. */
export interface MetricsOptions {
  /** Whether to leave out the series that name SealedSecrets. */
  readonly metricsOmitSecretLabels: boolean;
}

/**
 * The process metrics to expose: those that Go's client library has too, the delay of the event loop, and the heap. The
 * other metrics of prom-client depend on the version of Node, or have names that Prometheus' lint refuses.
 */
const PROCESS_METRICS: ReadonlySet<string> = new Set([
  'process_cpu_seconds_total',
  'process_max_fds',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'process_virtual_memory_bytes',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_external_memory_bytes',
  'nodejs_gc_duration_seconds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
]);

/** What all replicas know and only one may report, or a sum over the replicas would count it several times. */
const LEADER_ONLY: ReadonlySet<string> = new Set(
  [
    'condition_info',
    'sealed_secrets',
    'unsynced_since_timestamp_seconds',
    'queue_depth',
    'queue_oldest_age_seconds',
    'queue_oldest_fresh_age_seconds',
  ].map((name) => PREFIX + name),
);

/** How often to measure the delay of the event loop, in ms. */
const EVENT_LOOP_RESOLUTION = 20;

/** All metrics of the controller; docs/controller.md lists them. */
export class Metrics {
  readonly sealedSecrets: SealedSecretMetrics;
  readonly decryption: DecryptionMetrics;
  readonly events: EventMetrics;
  readonly queue: QueueMetrics;
  readonly requests: RequestMetrics;
  readonly watches: WatchMetrics;
  readonly #leader: LeaderMetrics;
  readonly #registry = new Registry();
  /** All process metrics of prom-client. Some set the values of others, so they are collected together. */
  readonly #processRegistry = new Registry();
  #exposition: Promise<string> | undefined;

  constructor({ metricsOmitSecretLabels }: MetricsOptions, clock: Clock) {
    const registry = this.#registry;
    this.sealedSecrets = new SealedSecretMetrics(registry, metricsOmitSecretLabels);
    this.decryption = new DecryptionMetrics(registry);
    this.events = new EventMetrics(registry);
    this.queue = new QueueMetrics(registry);
    this.requests = new RequestMetrics(registry);
    this.watches = new WatchMetrics(registry, clock);
    this.#leader = new LeaderMetrics(registry);
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Always 1, labelled with the version of the controller.',
      labelNames: ['revision'],
      registers: [registry],
    }).set({ revision: version() }, 1);
    collectDefaultMetrics({
      register: this.#processRegistry,
      eventLoopMonitoringPrecision: EVENT_LOOP_RESOLUTION,
    });
  }

  /** Exposes the state of the queue and the keys at the time of each scrape. */
  exposeState(state: State): void {
    registerState(this.#registry, state);
  }

  /** Exposes whether this replica is the leader. Until then it counts as one that is not. */
  exposeLeader(leader: LeaderState): void {
    this.#leader.expose(leader);
  }

  /** The content type of the exposition. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Returns all metrics in Prometheus' text format. Concurrent calls share one result. */
  exposition(): Promise<string> {
    this.#exposition ??= this.#write().finally(() => (this.#exposition = undefined));
    return this.#exposition;
  }

  async #write(): Promise<string> {
    // Collecting one metric sets the values of others: collect all before writing any.
    await this.#processRegistry.getMetricsAsJSON();
    const processTexts = [...PROCESS_METRICS].map((name) =>
      this.#processRegistry.getSingleMetricAsString(name),
    );
    const texts = await Promise.all([...this.#own(), ...processTexts]);
    return `${texts.map((text) => text.trimEnd()).join('\n\n')}\n`;
  }

  /** Returns the text of each metric that is not of the process. */
  #own(): readonly Promise<string>[] {
    if (this.#leader.isLeader) return [this.#registry.metrics()];
    const names = this.#registry.getMetricsAsArray().map(({ name }) => name);
    return names
      .filter((name) => !LEADER_ONLY.has(name))
      .map((name) => this.#registry.getSingleMetricAsString(name));
  }
}
