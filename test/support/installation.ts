import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  startControlPlane,
  type ControlPlane,
  type ControlPlaneOptions,
} from '../control-plane/control-plane.ts';
import { podAddress } from '../control-plane/network.ts';
import { freePort } from '../control-plane/server-process.ts';
import { ControllerProcess } from './controller-process.ts';
import { PACKAGE } from './package.ts';

export const NAMESPACE = 'kube-system';
export const NAME = 'sealed-secrets-controller';

/** A cluster with the CRD and the rights of the controller, ready to run it as a pod would. */
export class Installation {
  readonly plane: ControlPlane;
  readonly #serviceAccountDir: string;

  private constructor(plane: ControlPlane) {
    this.plane = plane;
    this.#serviceAccountDir = join(plane.folder, 'serviceaccount');
  }

  static async start(options: ControlPlaneOptions = {}): Promise<Installation> {
    const installation = new Installation(await startControlPlane(options));
    try {
      await installation.#install();
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  /**
   * Starts the controller as its ServiceAccount, published behind its Service. `--key-size` is 2048 where nothing
   * else is said: keys of 4096 bits take seconds to make.
   */
  async startController(args: readonly string[] = []): Promise<ControllerProcess> {
    const address = podAddress() ?? '127.0.0.1';
    const port = await freePort();
    const keySize = args.some((argument) => argument.startsWith('--key-size')) ? [] : ['--key-size', '2048'];
    const controller = new ControllerProcess(
      [
        '--listen-addr',
        `${address}:${port}`,
        '--service-account-dir',
        this.#serviceAccountDir,
        ...keySize,
        ...args,
      ],
      this.podEnvironment(),
    );
    if (podAddress() !== null) {
      await this.plane.publish({ namespace: NAMESPACE, service: NAME, port, portName: 'http', address });
    }
    return controller;
  }

  /** Starts it and waits until it has its keys. */
  async startReadyController(args: readonly string[] = []): Promise<ControllerProcess> {
    const controller = await this.startController(args);
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
    return readFile(join(this.#serviceAccountDir, 'token'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.plane.stop();
  }

  async #install(): Promise<void> {
    const { plane } = this;
    await plane.apply(await readFile(join(PACKAGE, 'crds', 'sealedsecrets.bitnami.com.yaml'), 'utf8'));
    await plane.apply(await readFile(join(PACKAGE, 'controller', 'rbac.yaml'), 'utf8'));
    await mkdir(this.#serviceAccountDir, { mode: 0o700 });
    const files = {
      token: await plane.serviceAccountToken(NAMESPACE, NAME),
      'ca.crt': await readFile(plane.caFile, 'utf8'),
      namespace: NAMESPACE,
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(this.#serviceAccountDir, name), text, { mode: 0o600 });
    }
  }
}
