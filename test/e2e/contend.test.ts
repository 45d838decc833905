import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Arena, TIMING, type Contestant } from '../contend/arena.ts';
import type { AuditedRequest } from '../contend/audit.ts';
import { Feeder } from '../contend/feeder.ts';
import { beyondPauses } from '../contend/terms.ts';
import { stringAt } from '../control-plane/admin-client.ts';
import { Cluster } from '../support/cluster.ts';

/** What may happen to the leader, so that it cannot renew the Lease in time. */
const FAULTS = {
  'is paused': {
    start: ({ process }: Contestant): void => process.signal('SIGSTOP'),
    end: ({ process }: Contestant): void => process.signal('SIGCONT'),
  },
  'is cut off from the API server': {
    start: ({ relay }: Contestant): void => void (relay.mode = 'lose'),
    end: ({ relay }: Contestant): void => void (relay.mode = 'pass'),
  },
};
type Fault = keyof typeof FAULTS;

const HOUR = 3_600_000;

let arena: Arena;
let feeder: Feeder;
let ours: Contestant;
let theirs: Contestant;
/** The leader, for each time that one was paused. */
const paused: string[] = [];

before(async () => {
  arena = await Arena.start();
  const cluster = new Cluster(arena.installation.plane);
  const replica = await arena.startReplica('ours');
  ours = replica;
  await replica.process.logged('sealing keys loaded');
  const certificate = await replica.process.certificate();
  const namespace = await arena.installation.plane.createNamespace('contend');
  feeder = new Feeder(cluster, namespace, { certificate, period: 100 });
  theirs = await arena.startContender('theirs');
});
after(async () => {
  await feeder.stop();
  await arena.stop();
});

/** Starts a fault of the leader, waits until the other one writes, and ends the fault. Returns the one that lost. */
async function loses(leader: Contestant, fault: Fault): Promise<void> {
  const other = leader === ours ? theirs : ours;
  await arena.writer([leader]);
  await feeder.burst();
  // In the midst of the work: some writes are on their way, and others follow from their answers.
  await arena.writer([leader]);
  if (fault === 'is paused') paused.push(leader.name);
  FAULTS[fault].start(leader);
  await arena.writer([other]);
  FAULTS[fault].end(leader);
  // What the old leader still wanted to write would be sent before this many attempts to take the Lease.
  await arena.asked(leader, 5);
}

/** Makes one of the two the leader, if the other one is. */
async function lead(wanted: Contestant): Promise<void> {
  const leader = await arena.writer([ours, theirs]);
  if (leader !== wanted) await loses(leader, 'is paused');
}

async function noTwoWrote(t: TestContext): Promise<void> {
  const { terms, problems, oldestRenewal } = await arena.verdict();
  const { silence = 0, holder, number, writes } = terms.at(-1) ?? assert.fail('nobody has led');
  t.diagnostic(
    `term ${number}: ${holder}, after ${(silence / 1000).toFixed(1)} s without renewal, ${writes} writes; ` +
      `oldest renewal at a write: ${(oldestRenewal / 1000).toFixed(1)} s`,
  );
  assert.deepEqual(beyondPauses(problems, paused), []);
}

suite('ours and a contender with the leader election of client-go', () => {
  for (const fault of Object.keys(FAULTS) as Fault[]) {
    for (const name of ['ours', 'theirs']) {
      test(`never write in the same term when the leader, ${name}, ${fault}`, async (t) => {
        const leader = name === 'ours' ? ours : theirs;
        await lead(leader);
        await loses(leader, fault);
        await noTwoWrote(t);
      });
    }
  }

  test('never write in the same term after the API server has answered 503 to both', async (t) => {
    for (const { relay } of [ours, theirs]) relay.mode = 'refuse';
    await sleep(TIMING.outage * 1000);
    for (const { relay } of [ours, theirs]) relay.mode = 'pass';
    await arena.writer([ours, theirs]);
    await noTwoWrote(t);
  });

  test('never write in the same term when the wall clock of ours is 7 h ahead and runs five times as fast', async (t) => {
    await ours.process.stop('SIGTERM');
    ours = await arena.startReplica('fast', [], { env: await fakeTime('+7h x5') });
    for (const leader of [theirs, ours, theirs]) {
      await lead(leader);
      await loses(leader, 'is paused');
    }
    assert.ok((await aheadBy(ours)) > 6 * HOUR, 'the times in its record are ahead');
    await noTwoWrote(t);
  });

  test('hand over by a release, and the Secrets are right in the end', async (t) => {
    await lead(theirs);
    assert.equal(await theirs.process.stop('SIGTERM'), 0);
    await arena.writer([ours]);
    await feeder.stop();
    await feeder.allAreRight();
    const { terms } = await arena.verdict();
    assert.ok((terms.at(-1)?.silence ?? Number.POSITIVE_INFINITY) < TIMING.lease * 1000);
    await noTwoWrote(t);
  });
});

/** Returns by how much the last time that a contestant has written in the Lease is ahead, in ms. */
async function aheadBy({ actor }: Contestant): Promise<number> {
  const requests = await arena.requests();
  const renewal = requests.findLast((each) => each.actor === actor && isRenewal(each));
  return Date.parse(stringAt(renewal?.answer, 'spec', 'renewTime')) - (renewal?.received ?? 0);
}

function isRenewal({ resource, verb, code }: AuditedRequest): boolean {
  return resource === 'leases' && verb === 'update' && code === 200;
}

/** Returns the variables with which libfaketime changes the wall clock of a process, but not its monotonic clock. */
async function fakeTime(change: string): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await promisify(execFile)('faketime', ['-f', change, 'printenv', 'LD_PRELOAD']);
  return { LD_PRELOAD: stdout.trim(), FAKETIME: change, DONT_FAKE_MONOTONIC: '1' };
}
