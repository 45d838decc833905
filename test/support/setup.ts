import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Cluster } from './cluster.ts';
import { ControllerProcess } from './controller-process.ts';
import { Installation } from './installation.ts';
import { leaks } from './leaks.ts';
import { noteSecret, noteSecretsOf, secretsUsed } from './secrets-used.ts';

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
      for (const controller of ControllerProcess.all) await controller.lastPage();
      for (const controller of this.#controllers) await controller.stop('SIGKILL');
      await this.#noteSecrets();
      await this.#installation?.stop();
      // Whatever a file tests, its controllers show nothing of what it used.
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

  async #noteSecrets(): Promise<void> {
    if (this.#installation === undefined) return;
    const { adminToken, issuedTokens } = this.plane;
    for (const token of [adminToken, ...issuedTokens]) {
      noteSecret(token);
      noteSecret(token.split('.')[2] ?? '');
    }
    // A test may have ended the API server.
    await noteSecretsOf(this.cluster).catch(() => undefined);
  }

  /** Has a controller ended with the others, if the test does not end it. */
  async use(controller: Promise<ControllerProcess>): Promise<ControllerProcess> {
    const started = await controller;
    this.#controllers.add(started);
    return started;
  }
}
