import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AdminClient } from './admin-client.ts';
import { Administrator } from './administrator.ts';
import { findBinaries } from './binaries.ts';
import type { Tool } from './binaries.ts';
import { certifyApiServer, makeApiServerKeys } from './certificates.ts';
import type { ApiServerKeys } from './certificates.ts';
import { kubeconfig } from './kubeconfig.ts';
import { atEnd } from './lifetime.ts';
import { freePort, ServerProcess, StartFailed } from './server-process.ts';
import { apiServerFlags, controllerManagerFlags, etcdData, etcdFlags, isEtcdReady } from './servers.ts';

/** The settings of a control plane. */
export interface ControlPlaneOptions {
  /** The paths of `etcd` and `kube-apiserver`. By default they are located, or built if missing. */
  binaries?: ReadonlyMap<Tool, string>;
  /** Additional flags for kube-apiserver; the last of two equal flags applies. */
  apiServerFlags?: readonly string[];
  /** Receives the progress of locating and building the binaries. */
  say?: (line: string) => void;
}

/**
 * Starts etcd and kube-apiserver on 127.0.0.1 with their own keys, tokens and data folder, and waits until they are
 * ready (seconds). They end with {@link ControlPlane.stop} or with this process.
 *
 * No controller manager runs: no garbage is collected, no namespace is ever deleted (use a new one for each test), no
 * `default` ServiceAccount is created, and no Pod runs. {@link ControlPlane.startControllerManager} changes the first
 * two.
 *
 * @throws NoControlPlane if there are no binaries
 * @throws StartFailed with the end of the log, if a server does not become ready
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const say = options.say ?? (() => undefined);
  const binaries = options.binaries ?? (await findBinaries(['etcd', 'kube-apiserver'], say));
  const keys = await makeApiServerKeys();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const plane = new ControlPlane({ binaries, keys, port, furtherFlags: options.apiServerFlags ?? [] });
    try {
      await plane.start();
      return plane;
    } catch (error) {
      await plane.stop();
      // Another process may have taken the port between the search for a free one and the server's use of it.
      const taken = error instanceof StartFailed && error.message.includes('address already in use');
      if (!taken || attempt === 3) throw error;
    }
  }
}

interface Parts {
  binaries: ReadonlyMap<Tool, string>;
  keys: ApiServerKeys;
  port: number;
  furtherFlags: readonly string[];
}

/** A kube-apiserver and its etcd, with their files. */
export class ControlPlane extends Administrator {
  /** The URL, such as `https://127.0.0.1:23456`; it stays the same over restarts. */
  readonly server: string;
  /** A folder with mode 0700 for the logs (`etcd.log`, `kube-apiserver.log`); {@link stop} removes it. */
  readonly folder: string;
  readonly caFile: string;
  /** The path of an administrator's kubeconfig, with the context `test` and the namespace `default`. */
  readonly kubeconfig: string;
  readonly #parts: Parts;
  readonly #adminToken: string;
  readonly #client: AdminClient;
  readonly #forget: () => void;
  #etcd: ServerProcess | null = null;
  #apiServer: ServerProcess | null = null;
  #controllerManager: ServerProcess | null = null;
  #stopped: Promise<void> | null = null;
  #kubeconfigs = 0;

  /** Only for {@link startControlPlane}. */
  constructor(parts: Parts) {
    const server = `https://127.0.0.1:${parts.port}`;
    const adminToken = randomBytes(24).toString('hex');
    const client = new AdminClient(server, parts.keys.caCertificate, adminToken);
    super(client);
    this.server = server;
    this.#parts = parts;
    this.#adminToken = adminToken;
    this.#client = client;
    this.folder = mkdtempSync(join(tmpdir(), 'control-plane-'));
    this.#forget = atEnd(() => {
      this.#controllerManager?.kill();
      this.#apiServer?.kill();
      this.#etcd?.kill();
      this.#removeFolder();
    });
    this.caFile = this.#write('ca.crt', parts.keys.caCertificate);
    this.#write('apiserver.crt', parts.keys.servingCertificate);
    this.#write('apiserver.key', parts.keys.key);
    this.#write('tokens.csv', `${adminToken},admin,admin,"system:masters"\n`);
    this.kubeconfig = this.#write('kubeconfig', this.#kubeconfigText(adminToken, 'default'));
  }

  async start(): Promise<void> {
    await this.startEtcd();
    await this.startApiServer();
  }

  /** Takes a snapshot of all stored data; restarts both servers for it. */
  async takeSnapshot(): Promise<void> {
    await this.#whileStopped(() => {
      rmSync(this.#snapshot, { recursive: true, force: true });
      cpSync(etcdData(this.folder), this.#snapshot, { recursive: true });
    });
  }

  /** Restores the last snapshot, as an administrator does after a disaster: later changes are lost. */
  async restoreSnapshot(): Promise<void> {
    await this.#whileStopped(() => {
      rmSync(etcdData(this.folder), { recursive: true });
      cpSync(this.#snapshot, etcdData(this.folder), { recursive: true });
    });
  }

  /** A bearer token of the group `system:masters`. (A getter, so that inspecting the object does not print it.) */
  get adminToken(): string {
    return this.#adminToken;
  }

  /** The pids of the running servers. */
  get pids(): { etcd: number | undefined; apiServer: number | undefined } {
    return { etcd: this.#etcd?.pid, apiServer: this.#apiServer?.pid };
  }

  /** Writes a kubeconfig with the token, context `test`, and returns its path. */
  kubeconfigFor(token: string, { namespace = 'default' }: { namespace?: string } = {}): string {
    return this.#write(`kubeconfig-${++this.#kubeconfigs}`, this.#kubeconfigText(token, namespace));
  }

  /** Starts kube-apiserver on its port and waits until it is ready. Does nothing if it is running. */
  async startApiServer(): Promise<void> {
    if (this.#apiServer !== null) return;
    const flags = [...apiServerFlags(this.folder, this.#parts.port), ...this.#parts.furtherFlags];
    this.#apiServer = this.#spawn('kube-apiserver', flags);
    await this.apiServerReady();
  }

  /** Waits until kube-apiserver serves requests, as after a fault of etcd. Does nothing if it was stopped. */
  async apiServerReady(): Promise<void> {
    await this.#apiServer?.ready(async () => {
      // The server creates the namespace `default` by itself, but may report ready before that.
      const paths = ['/readyz', '/api/v1/namespaces/default'];
      const answers = await Promise.all(paths.map(async (path) => this.request('GET', path)));
      return answers.every((answer) => answer.status === 200);
    }, 180_000);
  }

  /** Stops kube-apiserver and waits until it has exited: gracefully, or as in a crash with SIGKILL. */
  async stopApiServer(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#apiServer?.stop(signal);
    this.#apiServer = null;
    this.#client.close();
  }

  /** Starts etcd and waits until it is ready. Does nothing if it is running. */
  async startEtcd(): Promise<void> {
    if (this.#etcd !== null) return;
    this.#etcd = this.#spawn('etcd', etcdFlags(this.folder));
    await this.#etcd.ready(async () => isEtcdReady(this.folder), 180_000);
  }

  /** Stops etcd and waits until it has exited: gracefully, or as in a crash with SIGKILL. */
  async stopEtcd(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#etcd?.stop(signal);
    this.#etcd = null;
  }

  /**
   * Restarts kube-apiserver with a certificate of a new CA, and writes that CA to {@link caFile}. Clients that trust the
   * former CA only cannot connect any more; all tokens remain valid.
   */
  async replaceAuthority(): Promise<void> {
    await this.stopApiServer('SIGKILL');
    const made = await certifyApiServer(this.#parts.keys.key);
    this.#write('ca.crt', made.caCertificate);
    this.#write('apiserver.crt', made.servingCertificate);
    this.#client.trust(made.caCertificate);
    await this.startApiServer();
  }

  /**
   * Starts kube-controller-manager with only its garbage collector and its namespace controller. The kinds to collect
   * must exist before. It stops with the other servers.
   *
   * @throws NoControlPlane if there is no binary
   */
  async startControllerManager(say: (line: string) => void = () => undefined): Promise<void> {
    const tool = 'kube-controller-manager';
    const binary = (await findBinaries([tool], say)).get(tool);
    if (binary === undefined) throw new Error(`there is no ${tool}`);
    const log = join(this.folder, `${tool}.log`);
    const port = await freePort();
    const flags = controllerManagerFlags(this.kubeconfig, port);
    this.#controllerManager = new ServerProcess(tool, binary, flags, log, this.folder);
    const health = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
    await this.#controllerManager.ready(async () => (await health()) === 200, 180_000);
  }

  /** Restarts kube-apiserver; stored data and all tokens remain valid. */
  async restartApiServer(): Promise<void> {
    await this.stopApiServer();
    await this.startApiServer();
  }

  /** Stops both servers, waits until they have exited, and removes the folder. Can be called repeatedly. */
  async stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#client.close();
      const servers = [this.#controllerManager, this.#apiServer, this.#etcd].filter(
        (server) => server !== null,
      );
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
      this.#removeFolder();
      this.#forget();
    })();
    await this.#stopped;
  }

  get #snapshot(): string {
    return join(this.folder, 'snapshot');
  }

  async #whileStopped(act: () => void): Promise<void> {
    await this.stopApiServer();
    await this.stopEtcd();
    act();
    await this.startEtcd();
    await this.startApiServer();
  }

  #spawn(tool: Tool, flags: readonly string[]): ServerProcess {
    const binary = this.#parts.binaries.get(tool);
    if (binary === undefined) throw new Error(`the option binaries has no ${tool}`);
    return new ServerProcess(tool, binary, flags, join(this.folder, `${tool}.log`), this.folder);
  }

  #write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  #kubeconfigText(token: string, namespace: string): string {
    return kubeconfig(this.server, this.#parts.keys.caCertificate, token, namespace);
  }

  #removeFolder(): void {
    // With retries, because a server that was just killed may still be writing.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}
