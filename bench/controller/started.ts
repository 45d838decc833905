import { MemoryLimit } from '../../test/hostile/memory-limit.ts';
import { ControllerProcess } from '../../test/support/controller-process.ts';
import { freePort } from '../../test/control-plane/server-process.ts';
import { cpuSeconds, MemoryGauge } from './meters.ts';
import type { Place, Program } from './program.ts';

/** The memory limit of the chart. */
const LIMIT = 512 << 20;
/** How often to read the metrics while a restart is watched, in ms. */
const SAMPLED = 250;
const PREFIX = 'sealed_secrets_controller_';

/** How a controller is to be started. */
export interface StartOptions {
  readonly program: Program;
  readonly account: string;
  readonly namespaces: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Values of this controller's metrics. */
export interface OwnMetrics {
  /** The 99th percentile of the event loop's delay since the last reading, in ms. */
  readonly loopDelay: number;
  readonly privateOperations: number;
  /** How long the oldest object that has just changed has been waiting, in seconds. */
  readonly oldest: number;
}

/** A controller that was started for a measurement. */
export class Started {
  /** When its process was started, by `performance.now()`. */
  readonly at = performance.now();
  readonly memory: MemoryGauge;
  readonly #process: ControllerProcess;
  readonly #limit: MemoryLimit | undefined;
  readonly #metricsUrl: string | undefined;

  private constructor({ program, account, namespaces, env }: StartOptions, ports: readonly number[]) {
    const [address = '', metricsAddress = ''] = ports.map((port) => `127.0.0.1:${port}`);
    const place: Place = { account, address, metricsAddress, namespaces };
    const command = program.command(place);
    this.#metricsUrl = program.isOwn ? `http://${metricsAddress}/metrics` : undefined;
    this.#limit = MemoryLimit.create(LIMIT);
    this.#process = new ControllerProcess([], env, {
      command: this.#limit?.wrap(command) ?? command,
      env: program.env,
    });
    this.memory = new MemoryGauge(this.#process.pid, this.#limit);
  }

  static async start(options: StartOptions): Promise<Started> {
    return new Started(options, [await freePort(), await freePort()]);
  }

  get cpuSeconds(): number {
    return cpuSeconds([this.#process.pid]);
  }

  /** Reads this controller's metrics; undefined for another controller. */
  async metrics(): Promise<OwnMetrics | undefined> {
    if (this.#metricsUrl === undefined) return undefined;
    const page = await (await fetch(this.#metricsUrl)).text();
    const value = (name: string): number =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN);
    return {
      loopDelay: value('nodejs_eventloop_lag_p99_seconds') * 1000,
      privateOperations: value(`${PREFIX}private_operations_total`),
      oldest: value(`${PREFIX}queue_oldest_fresh_age_seconds`),
    };
  }

  /** Reads the metrics until the promise is settled, and returns all readings; none for another controller. */
  async sampled(until: Promise<unknown>): Promise<readonly OwnMetrics[]> {
    const samples: OwnMetrics[] = [];
    const read = async (): Promise<void> => {
      const sample = await this.metrics().catch(() => undefined); // not listening yet
      if (sample !== undefined) samples.push(sample);
    };
    const timer = setInterval(() => void read(), SAMPLED);
    try {
      await until;
    } finally {
      clearInterval(timer);
    }
    return samples;
  }

  /** Ends the process. Throws if it had ended before, or if the kernel has killed it. */
  async stop(): Promise<void> {
    this.memory.stop();
    if (!this.#process.isRunning)
      throw new Error(`the controller has ended:\n${this.#process.output.slice(-2000)}`);
    this.#process.signal('SIGTERM');
    await this.#process.ended();
    if ((this.#limit?.killed ?? 0) > 0) throw new Error('the kernel has killed the controller');
    this.#limit?.remove();
  }
}
