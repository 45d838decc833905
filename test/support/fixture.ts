import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import type { Cluster } from './cluster.ts';
import type { ControllerProcess } from './controller-process.ts';
import type { Installation } from './installation.ts';
import { sealedSecret } from './sealed.ts';
import { Setup } from './setup.ts';

/** How to set up the tests of one file. */
export interface FixtureOptions {
  /** The namespace to create for the tests' objects. */
  readonly namespace: string;
  /** Flags of the controller. */
  readonly args?: readonly string[];
  /** Runs last, before the tests. */
  readonly prepare?: () => Promise<void>;
}

/**
 * A cluster with a running controller, its certificate and a namespace, for the tests of one file. Each test makes its
 * own objects, so that it also runs alone:
 *
 *     const fixture = new Fixture({ namespace: 'conflicts' });
 *
 *     test('is left as it is', async () => {
 *       const ref = await fixture.seal('foreign');
 *       await fixture.cluster.told(ref, 'False');
 *     });
 */
export class Fixture {
  readonly #setup: Setup;
  #controller: ControllerProcess | undefined;
  #certificate: Certificate | undefined;
  #namespace: string | undefined;

  constructor({ namespace, args = [], prepare }: FixtureOptions) {
    this.#setup = new Setup(async () => {
      await this.restart(args);
      this.#certificate = await this.controller.certificate();
      this.#namespace = await this.plane.createNamespace(namespace);
      await prepare?.();
    });
  }

  get installation(): Installation {
    return this.#setup.installation;
  }

  get plane(): Installation['plane'] {
    return this.#setup.plane;
  }

  get cluster(): Cluster {
    return this.#setup.cluster;
  }

  /** The running controller, or the last one that ran. */
  get controller(): ControllerProcess {
    return started(this.#controller);
  }

  /** The certificate that the first controller sealed with. */
  get certificate(): Certificate {
    return started(this.#certificate);
  }

  get namespace(): string {
    return started(this.#namespace);
  }

  /** Returns a reference to an object of the tests' namespace. */
  ref(name: string): Ref {
    return { namespace: this.namespace, name };
  }

  /** Creates a SealedSecret that the controller can open; by default with the item `a`. */
  async seal(
    name: string,
    items: Readonly<Record<string, string>> = { a: 'one' },
    options: { readonly scope?: Scope; readonly template?: object } = {},
  ): Promise<Ref> {
    const ref = this.ref(name);
    await this.cluster.create('sealedsecrets', sealedSecret(this.certificate, ref, items, options));
    return ref;
  }

  /** Stops the controller if it runs, and starts one with these flags. */
  async restart(args: readonly string[] = []): Promise<void> {
    if (this.#controller?.isRunning) await this.#controller.stop();
    this.#controller = await this.use(this.installation.startReadyController(args));
  }

  /** Stops a further controller after the tests, unless the test stops it. */
  async use(controller: Promise<ControllerProcess>): Promise<ControllerProcess> {
    return this.#setup.use(controller);
  }
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing runs before the first test');
  return value;
}
