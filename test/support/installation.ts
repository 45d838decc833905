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
import { rightsInForce } from '../control-plane/rights.ts';

/** The namespace of the installed controller. */
export const NAMESPACE = RELEASE.namespace;
/** The name of the controller, its Service and its ServiceAccount. */
export const NAME = CONTROLLER_NAME;

/** How to install the controller in a cluster. */
export interface InstallationOptions extends ControlPlaneOptions {
  /**
   * Installs the controller, with a ServiceAccount of the usual name. By default the plain manifest is applied. With
   * `later` the test installs it and calls {@link Installation.mountAccount}.
   */
  readonly install?: ((plane: ControlPlane) => Promise<void>) | 'later';
}

/** The default, keys of 4096 bits, takes seconds to generate. */
const QUICK_KEYS = ['--key-size', '2048'];

/** A cluster with the controller's manifest installed, ready to run the controller as its pod would. */
export class Installation {
  readonly plane: ControlPlane;
  /** The folder with the pod's token, as Kubernetes mounts it. */
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
        await rightsInForce(installation.plane);
        await installation.mountAccount();
      }
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  /** Starts the controller with its ServiceAccount, published behind its Service. */
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

  /** Starts the controller with exactly these flags and without a Service; the API server does not have to run. */
  async startBareController(
    args: readonly string[] = QUICK_KEYS,
    options: ProcessOptions = {},
  ): Promise<ControllerProcess> {
    return (await this.#spawn(args, options)).controller;
  }

  /** Starts the controller and waits until it has loaded its keys. */
  async startReadyController(
    args: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<ControllerProcess> {
    const controller = await this.startController(args, options);
    await controller.logged('sealing keys loaded');
    return controller;
  }

  /**
   * Returns the environment variables of a pod. All controllers are containers of the same pod: one that starts after
   * another was killed takes over its Lease at once, and those that run side by side all lead.
   */
  podEnvironment(): NodeJS.ProcessEnv {
    const { hostname, port } = new URL(this.plane.server);
    const identity = { POD_NAME: NAME, POD_UID: 'the-pod-of-the-tests' };
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, ...identity };
  }

  /** Returns the token that the controller uses, which must never be in any output. */
  async token(): Promise<string> {
    return readFile(join(this.serviceAccountDir, 'token'), 'utf8');
  }

  /** Writes the ServiceAccount's token to where the kubelet would mount it. */
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

/** Returns the plain manifest that is rendered from the chart. Throws if it has not been built. */
export async function installed(): Promise<string> {
  try {
    return await readFile(MANIFEST, 'utf8');
  } catch (cause) {
    throw new Error(`${MANIFEST} is not there: make it with "npm run build:manifests"`, { cause });
  }
}
