import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Cluster } from './cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import { Installation, type InstallationOptions } from './installation.ts';
import { leaks } from './leaks.ts';
import { noteSecretsOfPlane, secretsUsed } from './secrets-used.ts';

/** A cluster for the tests of one file: started before them, and stopped after them with everything that ran on it. */
export class Setup {
  #installation: Installation | undefined;
  readonly #controllers = new Set<ControllerProcess>();

  /**
   * @param prepare also runs before the tests. With two `before` hooks in one file, Node 20 does not await the first.
   */
  constructor(prepare: () => Promise<void> = () => Promise.resolve(), options: InstallationOptions = {}) {
    before(async () => {
      this.#installation = await Installation.start(options);
      await prepare();
    });
    after(async () => {
      for (const controller of ControllerProcess.all) await controller.lastPage();
      for (const controller of this.#controllers) await controller.stop('SIGKILL');
      if (this.#installation !== undefined) await noteSecretsOfPlane(this.#installation.plane);
      await this.#installation?.stop();
      // In every file, controllers must not print any secret that the tests used.
      const shown = ControllerProcess.all.map(({ pid, shown }) => [`the controller ${pid}`, shown] as const);
      assert.deepEqual(leaks(new Map(shown), secretsUsed()), []);
    });
  }

  get installation(): Installation {
    if (this.#installation === undefined) throw new Error('there is no cluster before the first test');
    return this.#installation;
  }

  get plane(): Installation['plane'] {
    return this.installation.plane;
  }

  get cluster(): Cluster {
    return new Cluster(this.plane);
  }

  /** Stops the controller with the others, unless the test stops it. */
  async use(controller: Promise<ControllerProcess>): Promise<ControllerProcess> {
    const started = await controller;
    this.#controllers.add(started);
    return started;
  }
}
