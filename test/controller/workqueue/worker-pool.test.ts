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

/** A running worker pool. Reconciles of objects named `hog…` last until they are aborted; others return at once. */
function startPool(): {
  clock: FakeClock;
  queue: WorkQueue;
  started: string[];
  running: Set<string>;
  pool: WorkerPool;
} {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const started: string[] = [];
  const running = new Set<string>();
  const stop = new AbortController();
  const waitingForKeys = new WaitingForKeys(() => undefined);
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const pool = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const reconcile = async (ref: Ref, { stale }: { stale: AbortSignal }): Promise<'never'> => {
    started.push(showRef(ref));
    if (!ref.name.startsWith('hog')) return 'never';
    running.add(showRef(ref));
    await new Promise((resolve) => stale.addEventListener('abort', resolve, { once: true }));
    running.delete(showRef(ref));
    return 'never';
  };
  const run = pool.run(reconcile, () => undefined, stop.signal);
  cleanup = async () => {
    stop.abort();
    queue.close();
    await run;
  };
  return { clock, queue, started, running, pool };
}

function hogs(queue: WorkQueue, namespace: string, count: number): void {
  for (let i = 0; i < count; i++) queue.add({ namespace, name: `hog-${i}` }, 'high');
}

async function pass(clock: FakeClock, ms: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await clock.pass(ms);
}

suite('a long reconcile', () => {
  test('frees its worker for other objects, also of its own namespace', async () => {
    const { clock, queue, started, running } = startPool();
    hogs(queue, 'a', 10);
    await clock.pass(0);
    assert.equal(running.size, MAX_PER_NAMESPACE);
    queue.add({ namespace: 'a', name: 'good' }, 'high');
    await clock.pass(0);
    assert.ok(!started.includes('a/good'));
    await pass(clock, 300, 2);
    assert.ok(started.includes('a/good'));
  });

  test('is postponed when the pool is full and another namespace waits', async () => {
    const { clock, queue, started, running } = startPool();
    for (const namespace of ['a', 'b', 'c', 'd']) hogs(queue, namespace, 16);
    await pass(clock, 300, 20);
    assert.equal(running.size, 64);
    queue.add({ namespace: 'e', name: 'good' }, 'high');
    await clock.pass(1_000);
    assert.ok(!started.includes('e/good'), 'nothing has run long enough to be postponed');
    await pass(clock, 1_000, 10);
    assert.ok(started.includes('e/good'));
    // Exactly one reconcile was postponed, and it starts again later.
    await pass(clock, 1_000, 3);
    assert.equal(running.size, 64);
    assert.equal(started.length, 66);
  });

  test('is not postponed while no other key waits', async () => {
    const { clock, queue, running } = startPool();
    for (const namespace of ['a', 'b', 'c', 'd']) hogs(queue, namespace, 16);
    await pass(clock, 300, 20);
    await pass(clock, 60_000, 5);
    assert.equal(running.size, 64);
  });
});

test('the pool aborts the reconcile of an object that has changed, and reconciles it again', async () => {
  const { clock, queue, started, pool } = startPool();
  const ref = { namespace: 'a', name: 'hog' };
  queue.add(ref, 'high');
  await clock.pass(0);
  queue.add(ref, 'high');
  pool.abortStale(ref);
  await pass(clock, 0, 3);
  assert.deepEqual(started, ['a/hog', 'a/hog']);
});

test('after an outage of two minutes, the pool reconciles every object within 20 seconds', async (t) => {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const waitingForKeys = new WaitingForKeys(() => undefined);
  const pool = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const synced = new Set<string>();
  let isDown = true;
  const reconcile = (ref: Ref): Promise<Result> => {
    if (isDown) return Promise.resolve({ cause: 'the API server cannot be reached' });
    synced.add(showRef(ref));
    return Promise.resolve('synced');
  };
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const running = [pool.run(reconcile, () => undefined, stop.signal), recovery.run(stop.signal)];
  t.after(async () => {
    stop.abort();
    queue.close();
    await Promise.all(running);
  });
  for (let i = 0; i < 300; i++) queue.add({ namespace: `n${i % 3}`, name: `o${i}` }, 'high');
  await pass(clock, 100, 1_200);
  isDown = false;
  await pass(clock, 100, 200);
  assert.equal(synced.size, 300);
  assert.deepEqual(queue.waiting.depths, { high: 0, retry: 0, low: 0, delayed: 0 });
});
