import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { afterEach, suite, test } from 'node:test';
import { WaitingForKeys } from '../../../controller/workqueue/waiting-for-keys.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import type { Result } from '../../../controller/workqueue/result.ts';
import { Recovery } from '../../../controller/workqueue/recovery.ts';
import { MAX_PER_NAMESPACE, WorkerPool } from '../../../controller/workqueue/worker-pool.ts';
import { showRef, type Ref } from '../../../shared/kubernetes/api/api.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let cleanup: (() => Promise<void>) | undefined;
afterEach(() => cleanup?.());

/** Work on a clock of ours: an object named `hog` never ends until it is told to, every other one at once. */
function working(): {
  clock: FakeClock;
  queue: WorkQueue;
  begun: string[];
  running: Set<string>;
  work: WorkerPool;
} {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const begun: string[] = [];
  const running = new Set<string>();
  const stop = new AbortController();
  const waiting = new WaitingForKeys(() => undefined);
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const work = new WorkerPool({ queue, waitingForKeys: waiting, recovery, clock });
  const turn = async (ref: Ref, { stale }: { stale: AbortSignal }): Promise<'rest'> => {
    begun.push(showRef(ref));
    if (!ref.name.startsWith('hog')) return 'rest';
    running.add(showRef(ref));
    await new Promise((resolve) => stale.addEventListener('abort', resolve, { once: true }));
    running.delete(showRef(ref));
    return 'rest';
  };
  const run = work.run(turn, () => undefined, stop.signal);
  cleanup = async () => {
    stop.abort();
    queue.close();
    await run;
  };
  return { clock, queue, begun, running, work };
}

function hogs(queue: WorkQueue, namespace: string, count: number): void {
  for (let i = 0; i < count; i++) queue.add({ namespace, name: `hog-${i}` }, 'fresh');
}

async function pass(clock: FakeClock, ms: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await clock.pass(ms);
}

suite('long work', () => {
  test('makes room for others, of its own namespace too', async () => {
    const { clock, queue, begun, running } = working();
    hogs(queue, 'a', 10);
    await clock.pass(0);
    assert.equal(running.size, MAX_PER_NAMESPACE);
    queue.add({ namespace: 'a', name: 'good' }, 'fresh');
    await clock.pass(0);
    assert.ok(!begun.includes('a/good'));
    await pass(clock, 300, 2);
    assert.ok(begun.includes('a/good'));
  });

  test('in many namespaces is put off in the end, where it keeps others from theirs', async () => {
    const { clock, queue, begun, running } = working();
    for (const namespace of ['a', 'b', 'c', 'd']) hogs(queue, namespace, 16);
    await pass(clock, 300, 20);
    assert.equal(running.size, 64);
    queue.add({ namespace: 'e', name: 'good' }, 'fresh');
    await clock.pass(1_000);
    assert.ok(!begun.includes('e/good'), 'nothing has had enough yet');
    await pass(clock, 1_000, 10);
    assert.ok(begun.includes('e/good'));
    // One made room, and no more; it has another turn, later.
    await pass(clock, 1_000, 3);
    assert.equal(running.size, 64);
    assert.equal(begun.length, 66);
  });

  test('is not put off where nobody waits', async () => {
    const { clock, queue, running } = working();
    for (const namespace of ['a', 'b', 'c', 'd']) hogs(queue, namespace, 16);
    await pass(clock, 300, 20);
    await pass(clock, 60_000, 5);
    assert.equal(running.size, 64);
  });
});

test('work on an object that has changed is ended, and its next turn comes', async () => {
  const { clock, queue, begun, work } = working();
  const ref = { namespace: 'a', name: 'hog' };
  queue.add(ref, 'fresh');
  await clock.pass(0);
  queue.add(ref, 'fresh');
  work.abortStale(ref);
  await pass(clock, 0, 3);
  assert.deepEqual(begun, ['a/hog', 'a/hog']);
});

test('after an outage of two minutes, objects do not wait for back-offs of a minute', async (t) => {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const waiting = new WaitingForKeys(() => undefined);
  const work = new WorkerPool({ queue, waitingForKeys: waiting, recovery, clock });
  const synced = new Set<string>();
  let isDown = true;
  const turn = (ref: Ref): Promise<Result> => {
    if (isDown) return Promise.resolve({ cause: 'the API server cannot be reached' });
    synced.add(showRef(ref));
    return Promise.resolve('synced');
  };
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const running = [work.run(turn, () => undefined, stop.signal), recovery.run(stop.signal)];
  t.after(async () => {
    stop.abort();
    queue.close();
    await Promise.all(running);
  });
  for (let i = 0; i < 300; i++) queue.add({ namespace: `n${i % 3}`, name: `o${i}` }, 'fresh');
  await pass(clock, 100, 1_200);
  isDown = false;
  await pass(clock, 100, 200);
  assert.equal(synced.size, 300);
  assert.deepEqual(queue.waiting.depths, { fresh: 0, retry: 0, backlog: 0, delayed: 0 });
});
