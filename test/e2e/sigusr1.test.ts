import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { keySecrets } from '../support/key-secret.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/**
 * By default SIGUSR1 opens Node's debugger, which executes any code sent to it and can read every key. Here SIGUSR1
 * requests a new sealing key, so people send it, and scripts send it to a process that has just started.
 */
const setup = new Setup();

const INSPECTOR = 9229;

async function inspectorListens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(INSPECTOR, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function start(interpreter: readonly string[] = []): Promise<ControllerProcess> {
  return setup.use(setup.installation.startBareController(['--key-size', '2048'], { interpreter }));
}

/** Waits until the controller has loaded its keys. Returns false if the signal ended it before. */
async function isReady(controller: ControllerProcess): Promise<boolean> {
  const ready = controller.logged('sealing keys loaded').then(() => true);
  return Promise.race([ready, controller.ended().then(() => false)]).catch(() => false);
}

suite('SIGUSR1', () => {
  const offsets = [0, 20, 40, 60, 80, 100, 130, 160, 200, 250, 300, 400, 500];
  for (const offset of offsets) {
    test(`${offset} ms after the start opens no debugger`, async () => {
      const controller = await start();
      await sleep(offset);
      controller.signal('SIGUSR1');
      const ready = await isReady(controller);
      assert.equal(await inspectorListens(), false);
      assert.doesNotMatch(controller.output, /Debugger listening/);
      if (ready) assert.equal(await controller.stop(), 0, controller.output);
      else assert.equal(await controller.ended(), null, 'the signal itself ended it');
    });
  }

  test('to a running controller opens no debugger and creates a new key each time', async () => {
    const controller = await start();
    await controller.logged('sealing keys loaded');
    for (let times = 1; times <= 3; times++) {
      const before = await keySecrets(setup.cluster);
      const certificate = await controller.certificate();
      controller.signal('SIGUSR1');
      await until(`another certificate`, async () => {
        const now = await controller.certificate();
        return now.fingerprint === certificate.fingerprint ? undefined : now;
      });
      assert.equal(await inspectorListens(), false);
      assert.equal((await keySecrets(setup.cluster)).length, before.length + 1);
    }
    assert.equal((await ask('GET', `${await controller.url()}/healthz`)).status, 200);
    assert.doesNotMatch(controller.output, /Debugger/);
    assert.equal(await controller.stop(), 0);
  });

  for (const offset of [40, 80, 150, 300]) {
    test(`${offset} ms after a start by "node FILE" leaves no debugger open`, async () => {
      const controller = await start([process.execPath]);
      await sleep(offset);
      controller.signal('SIGUSR1');
      if (!(await isReady(controller))) return;
      await until('no debugger', async () => ((await inspectorListens()) ? undefined : true));
      assert.equal(await controller.stop(), 0, controller.output);
    });
  }
});
