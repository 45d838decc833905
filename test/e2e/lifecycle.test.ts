import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { podAddress } from '../control-plane/network.ts';
import { freePort } from '../control-plane/server-process.ts';
import { uidOf } from '../support/cluster.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { Fixture } from '../support/fixture.ts';
import { NAMESPACE } from '../support/installation.ts';
import { keySecrets } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { until } from '../control-plane/until.ts';

const fixture = new Fixture({ namespace: 'lifecycle' });

async function seal(name: string, by = fixture.controller): Promise<Ref> {
  const ref = fixture.ref(name);
  await fixture.cluster.create('sealedsecrets', sealedSecret(await by.certificate(), ref, { a: 'one' }));
  return ref;
}

/**
 * Stops a controller and asserts that it exits by itself, with success: after 10 s it would be forced to, with exit
 * code 1.
 */
async function stopsCleanly(stopping: ControllerProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  assert.equal(await stopping.stop(signal), 0, stopping.output);
  assert.equal(stopping.log.at(-1)?.message, 'stopped');
  assert.deepEqual(
    stopping.log.filter(({ message }) => message === 'crashed'),
    [],
  );
}

suite('a restart of the API server', () => {
  for (const [how, signal] of [
    ['in good order', 'SIGTERM'],
    ['by a crash', 'SIGKILL'],
  ] as const) {
    test(`${how} does not end the watches of SealedSecrets and Secrets`, async () => {
      const { cluster, plane } = fixture;
      const kept = await seal(`kept-${signal.toLowerCase()}`);
      await cluster.told(kept, 'True');
      const before = await cluster.secret(kept);
      await plane.stopApiServer(signal);
      await plane.startApiServer();

      await cluster.delete('secrets', kept);
      const made = await seal(`made-${signal.toLowerCase()}`);
      await cluster.told(made, 'True');
      await cluster.secret(kept, uidOf(before));
      assert.equal((await keySecrets(cluster)).length, 1);
      assert.equal(fixture.controller.log.filter(({ message }) => message === 'starting').length, 1);
    });
  }
});

suite('a signal to stop', () => {
  test('ends the controller with exit code 0 while it watches', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const other = await fixture.use(fixture.installation.startBareController());
      await other.logged('sealing keys loaded');
      await stopsCleanly(other, signal);
    }
  });

  test('ends the controller with exit code 0 while the API server is down', async () => {
    const watching = await fixture.use(fixture.installation.startBareController());
    await watching.logged('sealing keys loaded');
    await fixture.plane.stopApiServer('SIGKILL');
    const starting = await fixture.use(fixture.installation.startBareController());
    await watching.logged('interrupted; retrying');
    await starting.logged('sealing keys are not available yet; retrying');
    await Promise.all([stopsCleanly(watching), stopsCleanly(starting)]);
    await fixture.plane.startApiServer();
  });

  test('ends the controller with exit code 0 while the API server answers no requests', async () => {
    const watching = await fixture.use(fixture.installation.startBareController());
    await watching.logged('sealing keys loaded');
    const apiServer = fixture.plane.pids.apiServer ?? 0;
    process.kill(apiServer, 'SIGSTOP');
    try {
      const starting = await fixture.use(fixture.installation.startBareController());
      await starting.logged('"starting"');
      await Promise.all([stopsCleanly(watching), stopsCleanly(starting)]);
    } finally {
      process.kill(apiServer, 'SIGCONT');
    }
  });

  test('loses nothing: what is applied meanwhile is unsealed at the next start', async () => {
    const { cluster } = fixture;
    await stopsCleanly(fixture.controller);
    const certificate = await laterCertificate();
    const ref = fixture.ref('meanwhile');
    await cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
    await fixture.restart();
    await cluster.told(ref, 'True');
    assert.equal((await keySecrets(cluster)).length, 1);
  });
});

/** Starts a controller, reads its certificate, and stops it. */
async function laterCertificate(): ReturnType<ControllerProcess['certificate']> {
  const other = await fixture.use(fixture.installation.startBareController());
  await other.logged('sealing keys loaded');
  const certificate = await other.certificate();
  await other.stop();
  return certificate;
}

suite('outside a cluster', () => {
  test('the controller works with a kubeconfig', async () => {
    const { cluster, installation, plane } = fixture;
    await fixture.controller.stop();
    const kubeconfig = plane.kubeconfigFor(await installation.token());
    const listening = ['--listen-addr', `${podAddress() ?? '127.0.0.1'}:${await freePort()}`];
    const env = { POD_NAMESPACE: NAMESPACE };
    const outside = new ControllerProcess([...listening, '--kubeconfig', kubeconfig], env);
    await fixture.use(Promise.resolve(outside));
    await outside.logged('sealing keys loaded');
    const ref = await seal('outside', outside);
    await cluster.told(ref, 'True');
    assert.equal((await keySecrets(cluster)).length, 1);
    await until('nothing to be refused', () =>
      outside.log.some(({ level }) => level === 'error') ? undefined : true,
    );
    await stopsCleanly(outside);
    await fixture.restart();
  });
});
