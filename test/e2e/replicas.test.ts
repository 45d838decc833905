import assert from 'node:assert/strict';
import { after, before, suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Arena, type Contestant } from '../contend/arena.ts';
import { Feeder } from '../contend/feeder.ts';
import { beyondPauses } from '../contend/terms.ts';
import { until } from '../control-plane/until.ts';
import { ask } from '../support/ask.ts';
import { Cluster } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { readExposition } from '../support/exposition.ts';
import { NAMESPACE } from '../support/installation.ts';
import { keySecrets } from '../support/key-secret.ts';

type Replica = Contestant & { readonly process: ControllerProcess };

const PROBES = ['/healthz', '/readyz', '/v1/cert.pem', '/metrics'] as const;

let arena: Arena;
let cluster: Cluster;
let namespace: string;
let feeder: Feeder;
/** The replicas that run and are not paused. They answer all the time. */
const replicas = new Set<Replica>();
const unanswered: string[] = [];
/** The leader that was paused. */
const paused: string[] = [];
let probes = 0;
let isProbing = true;
let probing = Promise.resolve();
let started = 0;

before(async () => {
  arena = await Arena.start();
  cluster = new Cluster(arena.installation.plane);
  namespace = await arena.installation.plane.createNamespace('replicas');
  // At once, on an empty cluster: only one of them may make the first key.
  const [first] = await Promise.all([start(), start(), start()]);
  const certificate = await first.process.certificate();
  feeder = new Feeder(cluster, namespace, { certificate, period: 50 });
  probing = probe();
});
after(async () => {
  isProbing = false;
  await probing;
  await feeder.stop();
  await arena.stop();
});

/** Starts a replica, and waits until it is ready. */
async function start(): Promise<Replica> {
  const replica = await arena.startReplica(`replica-${++started}`);
  await replica.process.logged('sealing keys loaded');
  const url = await replica.process.url();
  await until(
    `${replica.name} to be ready`,
    async () => (await ask('GET', `${url}/readyz`)).status === 200 || undefined,
  );
  replicas.add(replica);
  return replica;
}

/** Asks all replicas for all that each of them serves, until it is told to stop. */
async function probe(): Promise<void> {
  while (isProbing) {
    for (const replica of replicas) {
      for (const path of PROBES) {
        const url = path === '/metrics' ? await replica.process.metricsUrl() : await replica.process.url();
        const status = await ask('GET', url + path).then(
          (answer) => answer.status,
          (error: unknown) => String(error),
        );
        probes++;
        // One that was stopped while it was asked does not count.
        if (status !== 200 && replicas.has(replica)) unanswered.push(`${replica.name} ${path}: ${status}`);
      }
    }
    await sleep(200);
  }
}

/** Returns the replica that leads. It is in the midst of its work. */
async function leader(): Promise<Replica> {
  await feeder.burst();
  const { actor } = await arena.writer([...replicas]);
  return [...replicas].find((each) => each.actor === actor) ?? assert.fail('the leader has stopped');
}

/** Runs a step, waits until another replica writes than the one before, and reports how long that took. */
async function takesOver(t: TestContext, old: Replica, step: () => unknown): Promise<void> {
  const others = [...replicas].filter((each) => each !== old);
  const since = performance.now();
  await step();
  const { name } = await arena.writer(others);
  t.diagnostic(`${name} writes ${((performance.now() - since) / 1000).toFixed(1)} s later`);
}

suite('three replicas, while SealedSecrets arrive', () => {
  test('go on when the leader is killed', async (t) => {
    const old = await leader();
    replicas.delete(old);
    await takesOver(t, old, () => old.process.stop('SIGKILL'));
    await start();
  });

  test('go on when the leader is paused', async (t) => {
    const old = await leader();
    replicas.delete(old);
    paused.push(old.name);
    await takesOver(t, old, () => old.process.signal('SIGSTOP'));
    old.process.signal('SIGCONT');
    await arena.asked(old, 5);
    replicas.add(old);
  });

  test('go on when the leader is cut off from the API server', async (t) => {
    const old = await leader();
    await takesOver(t, old, () => (old.relay.mode = 'lose'));
    old.relay.mode = 'pass';
    await arena.asked(old, 5);
  });

  test('go on when one after the other is replaced', async (t) => {
    const last = await leader();
    // The leader last, so that the release is one to a new replica.
    for (const old of [...[...replicas].filter((each) => each !== last), last]) {
      await start();
      replicas.delete(old);
      if (old === last) await takesOver(t, old, () => old.process.signal('SIGTERM'));
      else old.process.signal('SIGTERM');
      assert.equal(await old.process.ended(), 0);
    }
  });

  test('make all Secrets right in the end', async () => {
    await feeder.stop();
    await feeder.allAreRight();
  });

  test('have one leader in the end', async () => {
    await until('one leader', async () => {
      const values = await Promise.all([...replicas].map(({ process }) => isLeader(process)));
      return values.filter((value) => value === 1).length === 1 || undefined;
    });
  });

  test('never wrote in the same term', async (t) => {
    const { terms, problems } = await arena.verdict();
    for (const { number, holder, silence = 0, writes } of terms)
      t.diagnostic(`term ${number}: ${holder}, ${(silence / 1000).toFixed(1)} s, ${writes} writes`);
    assert.deepEqual(beyondPauses(problems, paused), []);
  });

  test('made one key', async () => {
    assert.equal((await keySecrets(cluster)).length, 1);
    assert.equal((await writesOf('create', NAMESPACE)).length, 1);
  });

  test('created each Secret once, and changed none', async (t) => {
    const created = await writesOf('create', namespace);
    assert.equal(new Set(created).size, created.length);
    // The API server stores what a killed replica has sent, but logs that the answer failed.
    const cutOff = await writesOf('create', namespace, (code) => code !== 409 && !isSuccess(code));
    const missing = feeder.names.filter((name) => !created.includes(name));
    assert.deepEqual(
      missing.filter((name) => !cutOff.includes(name)),
      [],
    );
    for (const verb of ['update', 'patch', 'delete']) assert.deepEqual(await writesOf(verb, namespace), []);
    const statuses = (await arena.requests()).filter((each) => each.resource === 'sealedsecrets/status');
    t.diagnostic(`${created.length} SealedSecrets, ${statuses.length} writes of a status`);
  });

  test('answered all the time', (t) => {
    t.diagnostic(`${probes} requests`);
    assert.deepEqual(unanswered, []);
  });
});

/** Returns the names of the Secrets that contestants have written, with success by default. */
async function writesOf(verb: string, where: string, ended = isSuccess): Promise<string[]> {
  const actors = new Set(arena.contestants.map(({ actor }) => actor));
  return (await arena.requests())
    .filter((each) => actors.has(each.actor) && each.resource === 'secrets' && ended(each.code))
    .filter((each) => each.verb === verb && each.namespace === where)
    .map(({ name }) => name);
}

function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

async function isLeader(process: ControllerProcess): Promise<number> {
  const { samples } = readExposition(await process.metrics());
  return samples.find(({ name }) => name === 'sealed_secrets_controller_leader')?.value ?? 0;
}
