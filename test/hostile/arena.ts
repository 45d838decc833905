import { dirname } from 'node:path';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { Cluster } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { Installation, NAMESPACE } from '../support/installation.ts';
import { MemoryMeter } from '../support/memory.ts';
import { CONTROLLER } from '../support/package.ts';
import { sealedSecret, type SealedBody } from '../support/sealed.ts';
import { until } from '../support/until.ts';
import { MemoryLimit } from './memory-limit.ts';
import { SealingNeighbour } from './sealing-neighbour.ts';

/** What the controller and its children may use in all, in bytes: the chart's default. */
const LIMIT = 512 << 20;
/** What the heap of the controller itself may use, in MiB: what Node takes of that limit. */
const HEAP = 256;
/** Keys of 4096 bits take seconds to be made. */
const ARGS = ['--key-size', '2048'];
/** How long a controller may take to get ready, in ms. */
const START = 60_000;

export interface StartOptions {
  /** A module that Node loads before the controller. */
  readonly preload?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What one controller went through. */
export interface Measurements {
  /** The largest memory of the controller and its children, in MiB. */
  readonly memory: number;
  /** The longest time until a neighbour's Secret was there, in ms. */
  readonly neighbour: number;
  /** How many Secrets that neighbour waited for. */
  readonly neighbours: number;
}

/** What all attacks share. */
export interface SharedSetup {
  readonly installation: Installation;
  /** The Node that runs the controller. */
  readonly node: string;
  /** Undefined where this machine permits none; the memory is then only measured. */
  readonly limit: MemoryLimit | undefined;
}

export async function prepare(node: string, say: (line: string) => void): Promise<SharedSetup> {
  return { installation: await Installation.start({ say }), node, limit: MemoryLimit.make(LIMIT) };
}

interface Running {
  readonly controller: ControllerProcess;
  readonly meter: MemoryMeter;
  readonly neighbour: SealingNeighbour;
}

/** Where one attack takes place: one controller at a time, with little memory, and namespaces that end with the attack. */
export class Arena {
  readonly installation: Installation;
  readonly cluster: Cluster;
  readonly #node: string;
  readonly #limit: MemoryLimit | undefined;
  readonly #namespaces = new Set<string>([NAMESPACE]);
  readonly #killedBefore: number;
  #running: Running | undefined;
  #closed = false;
  #memory = 0;
  #neighbour = 0;
  #neighbours = 0;

  constructor({ installation, node, limit }: SharedSetup) {
    this.installation = installation;
    this.cluster = new Cluster(installation.plane);
    this.#node = node;
    this.#limit = limit;
    this.#killedBefore = limit?.killed ?? 0;
  }

  /** How many processes the kernel has killed, because they needed more memory than there is. */
  get killed(): number {
    return (this.#limit?.killed ?? 0) - this.#killedBefore;
  }

  get controller(): ControllerProcess {
    return this.#current.controller;
  }

  /** Starts a controller and waits until it is ready; a neighbour begins to make SealedSecrets. */
  async start(options: StartOptions = {}): Promise<void> {
    if (this.#closed) throw new Error('the attack is over');
    const flags = ['--inspect-port=192.0.2.1:1024', `--max-old-space-size=${HEAP}`];
    if (options.preload !== undefined) flags.push('--import', options.preload);
    const command = [this.#node, ...flags, CONTROLLER];
    const controller = await this.installation.startBareController(ARGS, {
      command: this.#limit?.around(command) ?? command,
      env: { PATH: `${dirname(this.#node)}:${process.env['PATH'] ?? ''}`, ...options.env },
    });
    const meter = new MemoryMeter(controller.pid);
    try {
      await until('a ready controller', () => this.#isReady(controller), START);
    } catch (error) {
      this.#memory = Math.max(this.#memory, meter.peak);
      meter.stop();
      await controller.stop('SIGKILL');
      throw error;
    }
    const namespace = await this.namespace('neighbour');
    const neighbour = new SealingNeighbour(this.cluster, namespace, await controller.certificate());
    neighbour.start();
    this.#running = { controller, meter, neighbour };
  }

  /** Waits for the neighbour's last Secret, ends the controller, and starts another one in its place. */
  async restart(options: StartOptions = {}): Promise<void> {
    await this.pauseNeighbour();
    await this.stop();
    await this.start(options);
  }

  /** The longest time until a Secret of the neighbour beside this controller was there, in ms. */
  get neighbour(): number {
    return this.#current.neighbour.longest;
  }

  /** Has the neighbour make no more, and waits for its last Secret. */
  async pauseNeighbour(): Promise<void> {
    await this.#running?.neighbour.pause();
  }

  /**
   * Ends the controller by SIGTERM.
   *
   * @returns how long that took, in ms
   */
  async stop(): Promise<number> {
    const running = this.#running;
    if (running === undefined) return 0;
    this.#running = undefined;
    const { controller, meter, neighbour } = running;
    neighbour.end();
    const start = performance.now();
    controller.signal('SIGTERM');
    await controller.ended(20_000);
    const took = performance.now() - start;
    this.#memory = Math.max(this.#memory, meter.peak);
    this.#neighbour = Math.max(this.#neighbour, neighbour.longest);
    this.#neighbours += neighbour.count;
    meter.stop();
    return took;
  }

  /** What was measured so far. */
  get measurements(): Measurements {
    return { memory: this.#memory, neighbour: this.#neighbour, neighbours: this.#neighbours };
  }

  /** Ends the controller, and deletes what the attack has made. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
    for (const namespace of this.#namespaces) {
      await this.deleteAll('sealedsecrets', namespace);
      if (namespace !== NAMESPACE) await this.deleteAll('secrets', namespace);
    }
  }

  async namespace(prefix: string): Promise<string> {
    const name = await this.installation.plane.createNamespace(prefix);
    this.#namespaces.add(name);
    return name;
  }

  certificate(): Promise<Certificate> {
    return this.controller.certificate();
  }

  /** A SealedSecret for this controller. */
  async sealed(
    ref: Ref,
    items: Readonly<Record<string, string>>,
    template: object = {},
  ): Promise<SealedBody> {
    return sealedSecret(await this.certificate(), ref, items, { template });
  }

  /** Deletes all objects of a kind in a namespace, with one request. */
  async deleteAll(plural: 'secrets' | 'sealedsecrets', namespace: string): Promise<void> {
    const root = plural === 'secrets' ? '/api/v1' : '/apis/bitnami.com/v1alpha1';
    await this.installation.plane.request('DELETE', `${root}/namespaces/${namespace}/${plural}`);
  }

  /** The status of `/readyz`; 0 where nothing answers. */
  async readiness(): Promise<number> {
    return readiness(this.controller);
  }

  get #current(): Running {
    if (this.#running === undefined) throw new Error('no controller runs');
    return this.#running;
  }

  async #isReady(controller: ControllerProcess): Promise<true | undefined> {
    if (!controller.isRunning) throw new Error(`the controller ended: ${controller.output.slice(-500)}`);
    return (await readiness(controller)) === 200 || undefined;
  }
}

async function readiness(controller: ControllerProcess): Promise<number> {
  if (!controller.output.includes('"listening"')) return 0;
  const url = await controller.url();
  return fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ status }) => status,
    () => 0,
  );
}
