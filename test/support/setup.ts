import { after, before } from 'node:test';
import { Cluster } from './cluster.ts';
import type { ControllerProcess } from './controller-process.ts';
import { Installation } from './installation.ts';

/** A cluster for the tests of one file: started before them, and ended after them with all that ran on it. */
export class Setup {
  #installation: Installation | undefined;
  readonly #controllers = new Set<ControllerProcess>();

  /** @param prepare runs before the tests too: of two hooks of one file, Node 20 does not await the first. */
  constructor(prepare: () => Promise<void> = () => Promise.resolve()) {
    before(async () => {
      this.#installation = await Installation.start();
      await prepare();
    });
    after(async () => {
      for (const controller of this.#controllers) await controller.stop('SIGKILL');
      await this.#installation?.stop();
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

  /** Has a controller ended with the others, if the test does not end it. */
  async use(controller: Promise<ControllerProcess>): Promise<ControllerProcess> {
    const started = await controller;
    this.#controllers.add(started);
    return started;
  }
}
