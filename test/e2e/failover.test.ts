import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { until } from '../control-plane/until.ts';
import { ask } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { samplesOf } from '../support/exposition.ts';
import { deleteKeys, keySecrets } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

const PREFIX = 'sealed_secrets_controller_';

let certificate: Certificate | undefined;
let namespace = '';
let pods = 0;
const setup = new Setup(async () => {
  namespace = await setup.plane.createNamespace('failover');
});

/** Starts a controller as the container of a new pod. */
async function startReplica(args: readonly string[] = []): Promise<ControllerProcess> {
  const env = { POD_NAME: 'replica', POD_UID: `uid-${pods++}` };
  return setup.use(setup.installation.startReadyController(args, { env }));
}

/** Starts two controllers. Returns the leader first. */
async function startPair(): Promise<[ControllerProcess, ControllerProcess]> {
  const leader = await startReplica();
  await leader.logged('this replica is the leader');
  const standby = await startReplica();
  await standby.logged('another replica is the leader');
  certificate ??= await leader.certificate();
  return [leader, standby];
}

async function seal(name: string): Promise<Ref> {
  const ref = { namespace, name };
  assert.ok(certificate);
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
  return ref;
}

/** Returns the sum of the samples of a metric; 0 without any. */
async function sum(controller: ControllerProcess, name: string, labels = {}): Promise<number> {
  const samples = samplesOf(await controller.metrics(), PREFIX + name, labels);
  return samples.reduce((total, { value }) => total + value, 0);
}

async function count(controller: ControllerProcess, name: string): Promise<number> {
  return samplesOf(await controller.metrics(), PREFIX + name, {}).length;
}

/** Asserts that a controller serves its certificate and is ready. */
async function serves(controller: ControllerProcess): Promise<void> {
  const url = await controller.url();
  for (const path of ['/v1/cert.pem', '/readyz'])
    assert.equal((await ask('GET', url + path)).status, 200, path);
}

/** Runs an action, and returns how long it takes until an object that is created right after it is synced, in s. */
async function gap(name: string, action: () => void): Promise<number> {
  const started = performance.now();
  action();
  await setup.cluster.told(await seal(name), 'True');
  return (performance.now() - started) / 1000;
}

suite('of two replicas', { timeout: 300_000 }, () => {
  test('one works, both serve, and both are ready', async () => {
    const [leader, standby] = await startPair();
    const ref = await seal('one-works');
    await setup.cluster.told(ref, 'True');
    await setup.cluster.events(ref, 'Unsealed');
    for (const controller of [leader, standby]) await serves(controller);
    assert.deepEqual([await sum(leader, 'leader'), await sum(standby, 'leader')], [1, 0]);
    assert.equal(await sum(standby, 'unseal_requests_total'), 0);
    assert.ok((await count(leader, 'condition_info')) > 0);
    assert.equal(await count(standby, 'condition_info'), 0);
    for (const controller of [standby, leader]) assert.equal(await controller.stop(), 0);
  });

  test('the other one goes on after the leader has released the Lease', async (t) => {
    const [leader, standby] = await startPair();
    const seconds = await gap('released', () => leader.signal('SIGTERM'));
    t.diagnostic(`${seconds.toFixed(2)} s from SIGTERM until a new object is synced`);
    assert.equal(await leader.ended(), 0);
    await leader.logged('released the Lease');
    assert.equal(leader.log.at(-1)?.message, 'stopped');
    // The old leader may have synced the object before it stopped.
    await standby.logged('this replica is the leader');
    await serves(standby);
    assert.deepEqual([await sum(standby, 'leader'), await count(standby, 'condition_info')].map(Boolean), [
      true,
      true,
    ]);
    await standby.stop();
  });

  test('the other one goes on after the leader was killed, and each Secret is created once', async (t) => {
    const [leader, standby] = await startPair();
    const seconds = gap('killed', () => leader.signal('SIGKILL'));
    await leader.ended();
    await serves(standby);
    t.diagnostic(`${(await seconds).toFixed(2)} s from SIGKILL until a new object is synced`);
    assert.ok((await seconds) > 5, 'nobody takes a Lease that has not expired');
    const ref = { namespace, name: 'killed' };
    assert.equal((await setup.cluster.events(ref, 'Unsealed')).length, 1);
    await standby.stop();
  });

  test('a container that was killed goes on at once when it is restarted in its pod', async () => {
    const env = { POD_NAME: 'restarted', POD_UID: 'same' };
    const first = await setup.use(setup.installation.startReadyController([], { env }));
    await first.logged('this replica is the leader');
    await first.stop('SIGKILL');
    const second = await setup.use(setup.installation.startReadyController([], { env }));
    await second.logged('this replica is the leader');
    assert.deepEqual(
      second.log.filter(({ message }) => message === 'another replica is the leader'),
      [],
    );
    await second.stop();
  });

  test('a leader that was paused for longer than its lease writes nothing when it goes on', async () => {
    const [paused, standby] = await startPair();
    paused.signal('SIGSTOP');
    const refs = [await seal('paused-1'), await seal('paused-2')];
    for (const ref of refs) await setup.cluster.told(ref, 'True');
    await standby.logged('this replica is the leader');
    paused.signal('SIGCONT');
    await paused.logged('this replica is no longer the leader');
    const last = await seal('resumed');
    await setup.cluster.told(last, 'True');
    await paused.logged('another replica is the leader');
    assert.deepEqual([await sum(paused, 'leader'), await sum(standby, 'leader')], [0, 1]);
    for (const ref of [...refs, last]) {
      assert.equal((await setup.cluster.events(ref, 'Unsealed')).length, 1, ref.name);
    }
    assert.deepEqual(
      paused.log.filter(({ level }) => level === 'error'),
      [],
    );
    await serves(paused);
    for (const controller of [paused, standby]) assert.equal(await controller.stop(), 0);
  });
});

suite('two controllers that start together on an empty cluster', () => {
  for (const elect of [false, true]) {
    test(`create one key ${elect ? 'as replicas' : 'without a leader election'}`, async () => {
      await deleteKeys(setup.cluster);
      const args = [`--leader-elect=${String(elect)}`];
      const both = await Promise.all([startReplica(args), startReplica(args)]);
      const [one, two] = await Promise.all(both.map((controller) => controller.certificate()));
      assert.equal(one?.pem, two?.pem);
      assert.equal((await keySecrets(setup.cluster)).length, 1);
      const generated = both.flatMap(({ log }) =>
        log.filter(({ message }) => message === 'sealing key generated'),
      );
      assert.equal(generated.length, 1);
      for (const controller of both) await controller.stop();
    });
  }
});

test('without the right to the Lease a controller works alone, and says so once', async () => {
  const alone = await startReplica(['--leader-elect-resource-name', 'forbidden']);
  await alone.logged('working alone, do not run a second replica');
  certificate = await alone.certificate();
  await setup.cluster.told(await seal('alone'), 'True');
  assert.equal(await sum(alone, 'leader'), 1);
  await until('one line', () =>
    alone.log.filter(({ message }) => message.includes('working alone')).length === 1 ? true : undefined,
  );
  assert.equal(await alone.stop(), 0);
});
