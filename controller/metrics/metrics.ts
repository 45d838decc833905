import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import { version } from '../../shared/version.ts';
import { DecryptionMetrics } from './decryption.ts';
import { PREFIX } from './prefix.ts';
import { RequestMetrics } from './requests.ts';
import { SealedSecretMetrics } from './sealed-secrets.ts';
import { keepState, type State } from './state.ts';
import { WatchMetrics } from './watches.ts';

export interface MetricsOptions {
  /** Whether the series that name SealedSecrets are left out. */
  readonly metricsOmitSecretLabels: boolean;
}

/**
 * Of what the client library tells of every process: what Go's own client tells too, the delay of the event loop and
 * the heap. Its other metrics depend on the version of Node, or have names that Prometheus' lint refuses.
 */
const OF_THE_PROCESS: ReadonlySet<string> = new Set([
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

/** How often the delay of the event loop is looked at, in milliseconds. */
const PRECISION = 20;

/** All that the controller tells of itself in numbers: docs/controller.md has the list. */
export class Metrics {
  readonly sealedSecrets: SealedSecretMetrics;
  readonly decryption: DecryptionMetrics;
  readonly requests: RequestMetrics;
  readonly watches: WatchMetrics;
  readonly #registry = new Registry();
  /** All that the client library tells of the process: one metric sets the values of others, so none is removed. */
  readonly #ofProcess = new Registry();
  #exposition: Promise<string> | undefined;

  constructor({ metricsOmitSecretLabels }: MetricsOptions, clock: Clock) {
    const registry = this.#registry;
    this.sealedSecrets = new SealedSecretMetrics(registry, metricsOmitSecretLabels);
    this.decryption = new DecryptionMetrics(registry);
    this.requests = new RequestMetrics(registry);
    this.watches = new WatchMetrics(registry, clock);
    new Gauge({
      name: `${PREFIX}build_info`,
      help: '1, labelled with the version of the controller.',
      labelNames: ['revision'],
      registers: [registry],
    }).set({ revision: version() }, 1);
    collectDefaultMetrics({ register: this.#ofProcess, eventLoopMonitoringPrecision: PRECISION });
  }

  /** Tells, whenever it is asked, how queue and keys are then. */
  keep(state: State): void {
    keepState(this.#registry, state);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus' text format. Who asks while it is being written gets the same text. */
  exposition(): Promise<string> {
    this.#exposition ??= this.#write().finally(() => (this.#exposition = undefined));
    return this.#exposition;
  }

  async #write(): Promise<string> {
    // What has no value of its own until another metric is collected is written after all are.
    await this.#ofProcess.getMetricsAsJSON();
    const ofProcess = [...OF_THE_PROCESS].map((name) => this.#ofProcess.getSingleMetricAsString(name));
    const texts = await Promise.all([this.#registry.metrics(), ...ofProcess]);
    return `${texts.map((text) => text.trimEnd()).join('\n\n')}\n`;
  }
}
