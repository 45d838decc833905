import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROLLER_NAME, RELEASE } from '../../build/helm.ts';
import { MANIFEST } from '../../build/manifests.ts';
import {
  startControlPlane,
  type ControlPlane,
  type ControlPlaneOptions,
} from '../control-plane/control-plane.ts';
import { podAddress } from '../control-plane/network.ts';
import { freePort } from '../control-plane/server-process.ts';
import { ControllerProcess, type ProcessOptions } from './controller-process.ts';

export const NAMESPACE = RELEASE.namespace;
export const NAME = CONTROLLER_NAME;

/** How the controller comes to a cluster. */
export interface InstallationOptions extends ControlPlaneOptions {
  /**
   * Installs it, with a ServiceAccount of its usual name; where nothing is said, the plain manifest is applied. With
   * `later` the test itself does it, and calls {@link Installation.mountAccount}.
   */
  readonly install?: ((plane: ControlPlane) => Promise<void>) | 'later';
}

/** Keys of 4096 bits, which is what is made where nothing is said, take seconds. */
const QUICK_KEYS = ['--key-size', '2048'];

/** A cluster with what the plain manifest installs, ready to run the controller as its pod would. */
export class Installation {
  readonly plane: ControlPlane;
  /** Where the pod's token is, as Kubernetes mounts it. */
  readonly serviceAccountDir: string;

  private constructor(plane: ControlPlane) {
    this.plane = plane;
    this.serviceAccountDir = join(plane.folder, 'serviceaccount');
  }

  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const installation = new Installation(await startControlPlane(options));
    try {
      const { install = applyManifest } = options;
      if (install !== 'later') {
        await install(installation.plane);
        await installation.mountAccount();
      }
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  /** Starts the controller as its ServiceAccount, published behind its Service. */
  async startController(
    args: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<ControllerProcess> {
    const { controller, port } = await this.#spawn([...QUICK_KEYS, ...args], options);
    const address = podAddress();
    if (address !== null) {
      await this.plane.publish({ namespace: NAMESPACE, service: NAME, port, portName: 'http', address });
    }
    return controller;
  }

  /** Starts it with these flags and no others, behind no Service: the API server need not run. */
  async startBareController(
    args: readonly string[] = QUICK_KEYS,
    options: ProcessOptions = {},
  ): Promise<ControllerProcess> {
    return (await this.#spawn(args, options)).controller;
  }

  /** Starts it and waits until it has its keys. */
  async startReadyController(
    args: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<ControllerProcess> {
    const controller = await this.startController(args, options);
    await controller.logged('sealing keys loaded');
    return controller;
  }

  /** The environment that Kubernetes gives a pod. */
  podEnvironment(): NodeJS.ProcessEnv {
    const { hostname, port } = new URL(this.plane.server);
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  }

  /** The token that the controller uses: what no output may have. */
  async token(): Promise<string> {
    return readFile(join(this.serviceAccountDir, 'token'), 'utf8');
  }

  /** Writes the token of the ServiceAccount to where the kubelet would mount it. */
  async mountAccount(): Promise<void> {
    const { plane } = this;
    await mkdir(this.serviceAccountDir, { mode: 0o700 });
    const files = {
      token: await plane.serviceAccountToken(NAMESPACE, NAME),
      'ca.crt': await readFile(plane.caFile, 'utf8'),
      namespace: NAMESPACE,
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(this.serviceAccountDir, name), text, { mode: 0o600 });
    }
  }

  async stop(): Promise<void> {
    await this.plane.stop();
  }

  async #spawn(
    args: readonly string[],
    options: ProcessOptions,
  ): Promise<{ controller: ControllerProcess; port: number }> {
    const port = await freePort();
    const listening = ['--listen-addr', `${podAddress() ?? '127.0.0.1'}:${port}`];
    const account = ['--service-account-dir', this.serviceAccountDir];
    const all = [...listening, ...account, ...args];
    return { controller: new ControllerProcess(all, this.podEnvironment(), options), port };
  }
}

async function applyManifest(plane: ControlPlane): Promise<void> {
  await plane.apply(await installed());
}

/** The manifest that is made from the chart, and applied here as it is. */
export async function installed(): Promise<string> {
  try {
    return await readFile(MANIFEST, 'utf8');
  } catch (cause) {
    throw new Error(`${MANIFEST} is not there: make it with "npm run build:manifests"`, { cause });
  }
}
