import { dirname } from 'node:path';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { Cluster } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { Installation, NAMESPACE } from '../support/installation.ts';
import { MemoryMeter } from '../support/memory.ts';
import { CONTROLLER, controllerFlags } from '../support/package.ts';
import { sealedSecret, type SealedBody } from '../support/sealed.ts';
import { until } from '../control-plane/until.ts';
import { MemoryLimit } from './memory-limit.ts';
import { SealingNeighbour } from './sealing-neighbour.ts';

/** The memory limit of the controller and its children, in bytes: the chart's default. */
const MEMORY_LIMIT = 512 << 20;
/** The heap limit of the controller, in MiB: what Node derives from the memory limit. */
const HEAP = 256;
/** Keys of 4096 bits take seconds to create. */
const ARGS = ['--key-size', '2048'];
/** How long a controller may take to become ready, in ms. */
const START_TIMEOUT = 60_000;

/** How to start a controller. */
export interface StartOptions {
  /** A module that Node loads before the controller. */
  readonly preload?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The measurements of the controllers of one attack. */
export interface Measurements {
  /** The largest memory of the controller and its children, in MiB. */
  readonly memory: number;
  /** The longest time that a neighbour waited for a Secret, in ms. */
  readonly longestWait: number;
  /** How many Secrets the neighbour waited for. */
  readonly waits: number;
}

/** The resources that all attacks share. */
export interface SharedSetup {
  readonly installation: Installation;
  /** The Node that runs the controller. */
  readonly node: string;
  /** Undefined if this machine permits none; memory is then only measured. */
  readonly limit: MemoryLimit | undefined;
}

/** Starts the installation, and creates the memory limit. */
export async function prepare(node: string, say: (line: string) => void): Promise<SharedSetup> {
  return { installation: await Installation.start({ say }), node, limit: MemoryLimit.create(MEMORY_LIMIT) };
}

interface Running {
  readonly controller: ControllerProcess;
  readonly meter: MemoryMeter;
  readonly neighbour: SealingNeighbour;
}

/** The environment of one attack: one controller at a time, with limited memory, and namespaces cleaned up at the end. */
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
  #longestWait = 0;
  #waits = 0;

  constructor({ installation, node, limit }: SharedSetup) {
    this.installation = installation;
    this.cluster = new Cluster(installation.plane);
    this.#node = node;
    this.#limit = limit;
    this.#killedBefore = limit?.killed ?? 0;
  }

  /** How many processes the kernel has killed during this attack because they exceeded the memory limit. */
  get killed(): number {
    return (this.#limit?.killed ?? 0) - this.#killedBefore;
  }

  /** The running controller. Throws if none runs. */
  get controller(): ControllerProcess {
    return this.#current.controller;
  }

  /** Starts a controller, waits until it is ready, and starts a neighbour that creates SealedSecrets. */
  async start(options: StartOptions = {}): Promise<void> {
    if (this.#closed) throw new Error('the attack is over');
    const flags = [...controllerFlags(), `--max-old-space-size=${HEAP}`];
    if (options.preload !== undefined) flags.push('--import', options.preload);
    const command = [this.#node, ...flags, CONTROLLER];
    const controller = await this.installation.startBareController(ARGS, {
      command: this.#limit?.wrap(command) ?? command,
      env: { PATH: `${dirname(this.#node)}:${process.env['PATH'] ?? ''}`, ...options.env },
    });
    const meter = new MemoryMeter(controller.pid);
    try {
      await until('a ready controller', () => this.#isReady(controller), START_TIMEOUT);
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

  /** Waits for the neighbour's last Secret, stops the controller, and starts another. */
  async restart(options: StartOptions = {}): Promise<void> {
    await this.pauseNeighbour();
    await this.stop();
    await this.start(options);
  }

  /** The longest time that the neighbour of this controller waited for a Secret, in ms. */
  get longestWait(): number {
    return this.#current.neighbour.longest;
  }

  /** Pauses the neighbour, and waits for its last Secret. */
  async pauseNeighbour(): Promise<void> {
    await this.#running?.neighbour.pause();
  }

  /**
   * Stops the controller with SIGTERM.
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
    this.#longestWait = Math.max(this.#longestWait, neighbour.longest);
    this.#waits += neighbour.count;
    meter.stop();
    return took;
  }

  /** The measurements so far. */
  get measurements(): Measurements {
    return { memory: this.#memory, longestWait: this.#longestWait, waits: this.#waits };
  }

  /** Stops the controller, and deletes the objects of the attack. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
    for (const namespace of this.#namespaces) {
      await this.deleteAll('sealedsecrets', namespace);
      if (namespace !== NAMESPACE) await this.deleteAll('secrets', namespace);
    }
  }

  /** Creates a namespace, which is cleaned up at the end. Returns its name. */
  async namespace(prefix: string): Promise<string> {
    const name = await this.installation.plane.createNamespace(prefix);
    this.#namespaces.add(name);
    return name;
  }

  /** Returns the certificate of the running controller. */
  certificate(): Promise<Certificate> {
    return this.controller.certificate();
  }

  /** Returns a SealedSecret for this controller. */
  async sealed(
    ref: Ref,
    items: Readonly<Record<string, string>>,
    template: object = {},
  ): Promise<SealedBody> {
    return sealedSecret(await this.certificate(), ref, items, { template });
  }

  /** Deletes all objects of a kind in a namespace in one request. */
  async deleteAll(plural: 'secrets' | 'sealedsecrets', namespace: string): Promise<void> {
    const root = plural === 'secrets' ? '/api/v1' : '/apis/bitnami.com/v1alpha1';
    await this.installation.plane.request('DELETE', `${root}/namespaces/${namespace}/${plural}`);
  }

  /** Returns the status of `/readyz`; 0 without an answer. */
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
