import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { afterEach, suite, test, type TestContext } from 'node:test';
import { WaitingForKeys } from '../../../controller/workqueue/waiting-for-keys.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import type { Reconciler, Result, Signals } from '../../../controller/workqueue/result.ts';
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

  test('is postponed at most once per second, however often the pool checks', async () => {
    const { clock, queue, started, running } = startPool();
    for (const namespace of ['a', 'b', 'c', 'd']) hogs(queue, namespace, 16);
    await pass(clock, 300, 20);
    await clock.pass(10_000);
    for (let i = 0; i < 10; i++) queue.add({ namespace: `e${i}`, name: 'hog' }, 'high');
    await pass(clock, 50, 20);
    assert.equal(running.size, 64);
    assert.equal(started.length, 65);
    await pass(clock, 50, 20);
    assert.equal(started.length, 66);
  });

  test('is found by one timer for all reconciles', async () => {
    const { clock, queue, running } = startPool();
    for (const namespace of ['a', 'b', 'c', 'd']) hogs(queue, namespace, 16);
    await clock.pass(0);
    assert.equal(running.size, 8);
    assert.equal(clock.waiting.length, 1);
  });

  test('is not looked for while the pool is idle', async () => {
    const { clock, queue, started } = startPool();
    queue.add({ namespace: 'a', name: 'good' }, 'high');
    await pass(clock, 60_000, 3);
    assert.deepEqual([started, clock.waiting], [['a/good'], []]);
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
    if (isDown) return Promise.resolve({ cause: 'cannot reach the API server' });
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

/** A pool whose reconciles return scripted results, with everything that a test observes. */
function scriptedPool(
  t: TestContext,
  resultOf: (ref: Ref, count: number) => Result | Promise<Result>,
): {
  clock: FakeClock;
  queue: WorkQueue;
  started: string[];
  waitingForKeys: WaitingForKeys;
  pool: WorkerPool;
} {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const started: string[] = [];
  const waitingForKeys = new WaitingForKeys((ref) => queue.add(ref, 'retry'));
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const pool = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const stop = new AbortController();
  const reconcile = async (ref: Ref): Promise<Result> => {
    started.push(showRef(ref));
    return resultOf(ref, started.filter((each) => each === showRef(ref)).length);
  };
  const run = pool.run(reconcile, () => undefined, stop.signal);
  t.after(async () => {
    stop.abort();
    queue.close();
    await run;
  });
  return { clock, queue, started, waitingForKeys, pool };
}

suite('the result of a reconcile', () => {
  const ref = { namespace: 'a', name: 'db' };
  for (const result of ['synced', 'never'] as const) {
    test(`${result} ends the work on its object`, async (t) => {
      const { clock, queue, started } = scriptedPool(t, () => result);
      queue.add(ref, 'high');
      await pass(clock, 60_000, 30);
      assert.deepEqual(started, ['a/db']);
      assert.deepEqual(queue.waiting.depths, { high: 0, retry: 0, low: 0, delayed: 0 });
    });
  }

  test('backoff retries with pauses that grow, and start from the shortest after a success', async (t) => {
    const { clock, queue, started } = scriptedPool(t, (_, count) => (count === 6 ? 'synced' : 'backoff'));
    const times: number[] = [];
    const advance = async (count: number): Promise<void> => {
      while (started.length < count) {
        const { length } = started;
        await clock.pass(50);
        if (started.length > length) times.push(clock.elapsed());
      }
    };
    queue.add(ref, 'high');
    await advance(6);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const longest = 500 * 2 ** index;
      assert.ok(pause >= longest / 2 && pause <= longest + 50, `pause ${index} of ${pauses.join(' ')}`);
    }
    queue.add(ref, 'high');
    await advance(8);
    const [seventh = 0, eighth = 0] = times.slice(-2);
    assert.ok(eighth - seventh <= 550, String(eighth - seventh));
  });

  test('after retries at its time', async (t) => {
    const { clock, queue, started } = scriptedPool(t, (_, count) =>
      count === 1 ? { after: 700 } : 'synced',
    );
    queue.add(ref, 'high');
    await clock.pass(0);
    await clock.pass(699);
    assert.equal(started.length, 1);
    await pass(clock, 1, 2);
    assert.equal(started.length, 2);
  });

  test('onNewKey retries when a key is added', async (t) => {
    const { clock, queue, started, waitingForKeys } = scriptedPool(t, (_, count) =>
      count === 1 ? 'onNewKey' : 'synced',
    );
    queue.add(ref, 'high');
    await pass(clock, 60_000, 30);
    assert.equal(started.length, 1);
    waitingForKeys.onKeysAdded();
    await pass(clock, 0, 2);
    assert.equal(started.length, 2);
  });
});

test('the pool reconciles an object of a quiet namespace beside 1,000 of a busy one', async (t) => {
  const { clock, queue, started } = scriptedPool(t, () => 'synced');
  for (let i = 0; i < 1_000; i++) queue.add({ namespace: 'busy', name: `o${i}` }, 'high');
  queue.add({ namespace: 'quiet', name: 'db' }, 'high');
  while (started.length < 1_001) await clock.pass(0);
  const position = started.indexOf('quiet/db');
  assert.ok(position >= 0 && position < 10, String(position));
});

test('the pool is drained once no reconcile runs and no key is ready', async (t) => {
  const release: (() => void)[] = [];
  const { clock, queue, pool } = scriptedPool(
    t,
    ({ name }) =>
      new Promise((resolve) => {
        release.push(() => resolve(name === 'retried' ? 'backoff' : 'synced'));
      }),
  );
  let isDrained = false;
  for (const name of ['one', 'retried']) queue.add({ namespace: 'a', name }, 'high');
  await clock.pass(0);
  const drained = pool.drained(new AbortController().signal).then(() => (isDrained = true));
  await pass(clock, 20, 3);
  release[0]?.();
  await pass(clock, 20, 3);
  assert.ok(!isDrained, 'the second one still runs');
  release[1]?.();
  await pass(clock, 20, 3);
  await drained;
  assert.equal(queue.waiting.depths.delayed, 1, 'a delayed key does not count');
});

test('a stop of the pool takes no further key, aborts the signals, and waits for what is in flight', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const waitingForKeys = new WaitingForKeys(() => undefined);
  const pool = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const stop = new AbortController();
  const signals: Signals[] = [];
  let finish = (): void => undefined;
  let isEnded = false;
  const reconcile = async (_: Ref, given: Signals): Promise<Result> => {
    signals.push(given);
    await new Promise<void>((resolve) => (finish = resolve));
    throw new Error('stopped');
  };
  const run = pool.run(reconcile, () => undefined, stop.signal).then(() => (isEnded = true));
  queue.add({ namespace: 'a', name: 'running' }, 'high');
  await clock.pass(0);
  stop.abort();
  queue.add({ namespace: 'a', name: 'later' }, 'high');
  await pass(clock, 0, 3);
  assert.deepEqual(
    signals.map(({ stop: stopped, stale }) => [stopped.aborted, stale.aborted]),
    [[true, true]],
  );
  assert.ok(!isEnded);
  finish();
  await run;
  assert.equal(queue.size, 2, 'the next run reconciles both');
});

test('the pool reconciles what a lost run has aborted in the next run, without a back-off', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue(clock, MAX_PER_NAMESPACE);
  const recovery = new Recovery(clock, (ref) => queue.bringForward(ref));
  const waitingForKeys = new WaitingForKeys(() => undefined);
  const pool = new WorkerPool({ queue, waitingForKeys, recovery, clock });
  const observed: Result[] = [];
  const runUntil = async (reconcile: Reconciler): Promise<void> => {
    const lost = new AbortController();
    setMaxListeners(0, lost.signal);
    const run = pool.run(reconcile, (_, result) => observed.push(result), lost.signal);
    await pass(clock, 0, 3);
    lost.abort();
    await run;
  };
  for (const name of ['rejected', 'stale', 'failed', 'done']) queue.add({ namespace: 'a', name }, 'high');
  await runUntil(async ({ name }, { stop }) => {
    await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    if (name === 'rejected') throw new Error('aborted');
    if (name === 'done') return 'synced';
    return name === 'stale' ? 'never' : { cause: 'cannot reach the API server' };
  });
  assert.deepEqual(observed, ['synced']);
  assert.deepEqual(queue.waiting.depths, { high: 3, retry: 0, low: 0, delayed: 0 });
  const again: string[] = [];
  await runUntil(({ name }) => {
    again.push(name);
    return Promise.resolve('synced');
  });
  assert.deepEqual(again.sort(), ['failed', 'rejected', 'stale']);
});
