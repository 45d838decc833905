import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/until.ts';
import { Cluster } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { samplesOf } from '../support/exposition.ts';
import { Installation } from '../support/installation.ts';
import { keySecrets } from '../support/key-secret.ts';
import { leaks } from '../support/leaks.ts';
import { controllerFlags } from '../support/package.ts';
import { noteSecretsOfPlane, secretsUsed } from '../support/secrets-used.ts';
import { Front } from './front.ts';
import { Health } from './health.ts';
import { Ledger } from './ledger.ts';
import { Relay } from './relay.ts';

const STEPPING_DATE = join(import.meta.dirname, '..', 'support', 'stepping-date.js');
const REQUESTS = 'sealed_secrets_controller_api_requests_total';

/** How many lines of a controller's log are shown after a failure. */
const LINES = 40;

/** How to start a {@link Stage}. */
export interface StageOptions {
  /** How long a fault lasts that has no end of its own, in ms. */
  readonly hold: number;
  /** The number of controllers. */
  readonly replicas?: number;
  /** Flags of the controllers in addition to those of all stages. */
  readonly args?: readonly string[];
  /** The Node that runs the controllers; by default the one that runs this process. */
  readonly node?: string;
}

/**
 * A control plane and controllers that reach it through a relay, so that everything between and around them can fail.
 * Kubernetes' garbage collector does not run; the controllers delete the Secrets of deleted SealedSecrets themselves.
 */
export class Stage {
  readonly controllers: readonly ControllerProcess[];
  readonly installation: Installation;
  readonly ledger: Ledger;
  readonly relay: Relay;
  /** How long a fault lasts that has no end of its own, in ms. */
  holdTime: number;
  readonly #clockFile: string;
  #certificate: Certificate | undefined;
  #clockSteps = 0;

  private constructor(installation: Installation, relay: Relay, parts: Parts) {
    this.installation = installation;
    this.relay = relay;
    this.controllers = parts.controllers;
    this.ledger = parts.ledger;
    this.holdTime = parts.hold;
    this.#clockFile = parts.clockFile;
  }

  static async start({
    hold,
    replicas = 1,
    args = [],
    node = process.execPath,
  }: StageOptions): Promise<Stage> {
    const installation = await Installation.start();
    const { plane } = installation;
    const ledger = new Ledger(plane, await plane.createNamespace('faults'));
    const relay = await new Relay(Number(new URL(plane.server).port)).start();
    const clockFile = join(plane.folder, 'clock');
    writeFileSync(clockFile, '0');
    const env = { CLOCK_FILE: clockFile, KUBERNETES_SERVICE_PORT: String(relay.port) };
    const interpreter = [node, ...controllerFlags(), '--import', STEPPING_DATE];
    const flags = ['--key-size', '2048', '--old-gc-behavior', ...args];
    const start = (): Promise<ControllerProcess> =>
      installation.startBareController(flags, { interpreter, env });
    const controllers = await Promise.all(Array.from({ length: replicas }, start));
    const stage = new Stage(installation, relay, { controllers, ledger, hold, clockFile });
    try {
      for (const controller of controllers) await controller.logged('sealing keys loaded');
      await stage.refreshCertificate();
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  get plane(): ControlPlane {
    return this.installation.plane;
  }

  /** The certificate to seal with. */
  get certificate(): Certificate {
    if (this.#certificate === undefined) throw new Error('there is no certificate yet');
    return this.#certificate;
  }

  /** Waits until the first controller serves a certificate whose key is in the cluster, and seals with it from now on. */
  async refreshCertificate(): Promise<void> {
    this.#certificate = await until('a certificate whose key is stored', async () => {
      const served = await this.#controller.certificate().catch(() => undefined);
      const keys = await keySecrets(new Cluster(this.plane)).catch(() => []);
      const stored = keys.map((key) => Buffer.from(String(at(key, 'data', 'tls.crt')), 'base64').toString());
      return stored.some((pem) => pem === served?.pem) ? served : undefined;
    });
  }

  /** Lets a fault last, or one of several equal parts of it. */
  async hold(parts = 1): Promise<void> {
    await sleep(this.holdTime / parts);
  }

  /** Sends a signal to a server of the control plane. */
  signal(server: 'etcd' | 'apiServer', name: NodeJS.Signals): void {
    const pid = this.plane.pids[server];
    if (pid === undefined) throw new Error(`${server} does not run`);
    process.kill(pid, name);
  }

  /** Steps the wall clock of the controllers to an offset, in ms. */
  async stepClock(offset: number): Promise<void> {
    writeFileSync(this.#clockFile, String(offset));
    this.#clockSteps++;
    for (const controller of this.controllers) {
      controller.signal('SIGUSR2');
      await controller.logged(`clock step ${this.#clockSteps}: `);
    }
  }

  /** Writes a file of the controllers' ServiceAccount. It is never seen half-written, as with the kubelet. */
  mount(name: 'token' | 'ca.crt', text: string): void {
    const file = join(this.installation.serviceAccountDir, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** Leads the controllers through an HTTP server that can answer for the API server, until the function ends. */
  async throughFront(act: (front: Front) => Promise<void>): Promise<void> {
    const front = await Front.start(this.plane);
    const direct = this.relay.target;
    try {
      this.relay.target = front.port;
      this.relay.cut();
      await act(front);
    } finally {
      this.relay.target = direct;
      front.stop();
    }
  }

  /** Waits until a controller has received another answer with the status code; `<error>` means none. */
  async answered(code: string, act: () => void | Promise<void>): Promise<void> {
    const count = async (): Promise<number> => {
      const pages = await Promise.all(this.controllers.map((controller) => controller.metrics()));
      return pages
        .flatMap((page) => samplesOf(page, REQUESTS, { code }))
        .reduce((sum, { value }) => sum + value, 0);
    };
    const before = await count();
    await act();
    await until(`an answer ${code}`, async () => (await count()) > before || undefined);
  }

  /** Returns what checks the controllers after a fault. */
  async health(): Promise<readonly Health[]> {
    return Promise.all(this.controllers.map((controller) => Health.of(controller)));
  }

  /** Returns the end of what each controller has written. */
  lastLines(): string {
    const ends = this.controllers.map(
      ({ pid, output }) => `the controller ${pid}:\n${output.split('\n').slice(-LINES).join('\n')}`,
    );
    return ends.join('\n');
  }

  /** Stops everything. Throws if a controller has shown a secret. */
  async stop(): Promise<void> {
    try {
      for (const controller of this.controllers) await controller.lastPage();
      await noteSecretsOfPlane(this.plane);
      const shown = this.controllers.map(({ pid, shown }) => [`the controller ${pid}`, shown] as const);
      assert.deepEqual(leaks(new Map(shown), secretsUsed()), []);
    } finally {
      for (const controller of this.controllers) await controller.stop('SIGKILL');
      this.relay.stop();
      await this.installation.stop();
    }
  }

  get #controller(): ControllerProcess {
    const [first] = this.controllers;
    if (first === undefined) throw new Error('there is no controller');
    return first;
  }
}

interface Parts {
  readonly controllers: readonly ControllerProcess[];
  readonly ledger: Ledger;
  readonly hold: number;
  readonly clockFile: string;
}
