import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WorkQueue, type Priority } from '../../../controller/workqueue/work-queue.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';

const never = new AbortController().signal;

function ref(name: string): Ref {
  return { namespace: 'ns', name };
}

/** Takes all ready keys, and returns their names in order. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const names: string[] = [];
  while (queue.size > 0) {
    const taken = await queue.take(never);
    names.push(taken.name);
    queue.done(taken);
  }
  return names;
}

suite('the queue', () => {
  test('hands out a key once that was added several times', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (const priority of ['low', 'high', 'low', 'retry'] as Priority[]) queue.add(ref('a'), priority);
    assert.deepEqual(await drain(queue), ['a']);
  });

  test('hands out a key in progress again only after it is done', async () => {
    const queue = new WorkQueue(new FakeClock());
    queue.add(ref('a'), 'high');
    const taken = await queue.take(never);
    queue.add(ref('a'), 'high');
    queue.add(ref('a'), 'high');
    assert.equal(queue.size, 0);
    queue.done(taken);
    assert.deepEqual(await drain(queue), ['a']);
  });

  test('drops a key that is ready, delayed, or added while in progress', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    queue.add(ref('ready'), 'low');
    queue.add(ref('delayed'), 'high', 1000);
    queue.add(ref('busy'), 'high');
    const busy = await queue.take(never);
    assert.ok(queue.isInProgress(busy) && !queue.isInProgress(ref('ready')));
    queue.add(busy, 'high');
    for (const name of ['ready', 'delayed', 'busy', 'unknown']) queue.drop(ref(name));
    queue.done(busy);
    await clock.pass(1000);
    assert.deepEqual(await drain(queue), []);
    const { depths, oldest } = queue.waiting;
    assert.deepEqual([depths, oldest], [{ high: 0, retry: 0, low: 0, delayed: 0 }, 0]);
  });

  test('wakes pending calls of take when keys are added', async () => {
    const queue = new WorkQueue(new FakeClock());
    const waiting = [queue.take(never), queue.take(never)];
    queue.add(ref('a'), 'high');
    queue.add(ref('b'), 'low');
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ name }) => name),
      ['a', 'b'],
    );
  });

  test('rejects a pending take when its signal aborts, and loses no key', async () => {
    const queue = new WorkQueue(new FakeClock());
    const stop = new AbortController();
    const waiting = queue.take(stop.signal);
    stop.abort();
    await assert.rejects(waiting);
    const other = queue.take(never);
    queue.add(ref('a'), 'high');
    assert.equal((await other).name, 'a');
  });

  test('takes turns by namespace', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (let i = 0; i < 2_000; i++) queue.add({ namespace: 'many', name: `m${i}` }, 'high');
    queue.add({ namespace: 'few', name: 'f0' }, 'high');
    queue.add({ namespace: 'few', name: 'f1' }, 'high');
    queue.add({ namespace: 'one', name: 'o0' }, 'high');
    assert.deepEqual((await drain(queue)).slice(0, 6), ['m0', 'f0', 'o0', 'm1999', 'f1', 'm1']);
  });

  test('alternates the oldest and the newest high-priority key of a namespace', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (let i = 0; i < 100; i++) queue.add(ref(`m${i}`), 'high');
    const first = await queue.take(never);
    queue.done(first);
    queue.add(ref('last'), 'high');
    assert.equal((await queue.take(never)).name, 'last');
    const names = await drain(queue);
    assert.deepEqual(names.slice(0, 4), ['m1', 'm99', 'm2', 'm98']);
    assert.equal(new Set(names).size, 99);
    for (let i = 0; i < 200; i++) {
      queue.add(ref(`n${i}`), 'high');
      if (i % 2 === 0) continue;
      queue.done(await queue.take(never));
    }
    assert.equal(queue.size, 100);
    assert.equal((await drain(queue)).length, 100);
  });

  test('hands out no more keys of one namespace than its limit', async () => {
    const queue = new WorkQueue(new FakeClock(), 2);
    for (let i = 0; i < 4; i++) queue.add({ namespace: 'many', name: `m${i}` }, 'high');
    const first = await queue.take(never);
    await queue.take(never);
    const third = queue.take(never);
    const fourth = queue.take(never);
    queue.add({ namespace: 'other', name: 'o0' }, 'low');
    assert.equal((await third).name, 'o0');
    queue.done(first);
    assert.equal((await fourth).name, 'm1');
  });

  test('does not count long keys against the limit of their namespace, up to a bound', async () => {
    const queue = new WorkQueue(new FakeClock(), 1);
    for (let i = 0; i < 40; i++) queue.add({ namespace: 'many', name: `m${i}` }, 'high');
    const taken: Ref[] = [];
    const stop = new AbortController();
    for (let i = 0; i < 17; i++) {
      const next = await queue.take(never);
      taken.push(next);
      queue.markLong(next);
      queue.markLong(next);
    }
    // Sixteen keys are marked as long, and one more uses up the limit of the namespace.
    const waiting = queue.take(stop.signal);
    queue.add({ namespace: 'other', name: 'o0' }, 'high');
    assert.equal((await waiting).name, 'o0');
    const next = queue.take(never);
    for (const ref of taken.slice(0, 5)) queue.done(ref);
    queue.markLong(taken.at(-1) ?? ref('none'));
    assert.equal((await next).name, 'm31');
    assert.equal(queue.size, 22);
  });

  test('hands out keys by priority, and starves none', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (let i = 0; i < 6; i++) queue.add(ref(`old${i}`), 'low');
    for (let i = 0; i < 6; i++) queue.add(ref(`new${i}`), 'high');
    const order = await drain(queue);
    assert.deepEqual(order.slice(0, 4), ['new0', 'new5', 'new1', 'old0']);
  });

  test('raises the priority of a key that is added again', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (const name of ['a', 'b', 'c']) queue.add(ref(name), 'low');
    queue.add(ref('c'), 'high');
    assert.deepEqual(await drain(queue), ['c', 'a', 'b']);
  });

  test('adds a delayed key after its delay, unless it was added in the meantime', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    queue.add(ref('a'), 'retry', 1000);
    queue.add(ref('b'), 'retry', 1000);
    queue.add(ref('a'), 'high');
    assert.deepEqual(await drain(queue), ['a']);
    await clock.pass(1000);
    assert.deepEqual(await drain(queue), ['b']);
    assert.deepEqual(clock.waiting, []);
  });

  test('keeps the earliest of several delays', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    for (const after of [2000, 1000, 3000]) queue.add(ref('a'), 'retry', after);
    assert.deepEqual(clock.waiting, [1000]);
    await clock.pass(1000);
    assert.deepEqual(await drain(queue), ['a']);
    await clock.pass(10_000);
    assert.deepEqual(await drain(queue), []);
  });

  test('backs off longer after each failure, up to five minutes, until the key is forgotten', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    const pauses: number[] = [];
    for (let i = 0; i < 15; i++) {
      queue.add(ref('a'), 'high');
      const taken = await queue.take(never);
      queue.retry(taken);
      queue.done(taken);
      pauses.push(clock.waiting[0] ?? 0);
      await clock.pass(10 * 60_000);
      await drain(queue);
    }
    for (const [i, pause] of pauses.entries()) {
      const full = Math.min(500 * 2 ** i, 5 * 60_000);
      assert.ok(pause >= full / 2 && pause <= full, `pause ${i}: ${pause} ms`);
    }
    queue.forget(ref('a'));
    queue.retry(ref('a'));
    assert.ok((clock.waiting[0] ?? 0) <= 500);
  });

  test('serves each priority while there are many keys of the others', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (const priority of ['high', 'retry', 'low'] as const) {
      for (let i = 0; i < 20; i++) queue.add(ref(`${priority}${i}`), priority);
    }
    const order = (await drain(queue)).slice(0, 16);
    for (const priority of ['high', 'retry', 'low']) {
      assert.ok(order.filter((name) => name.startsWith(priority)).length >= 4, priority);
    }
  });

  test('tells how long keys wait with their priority', async () => {
    const clock = new FakeClock();
    const taken: unknown[] = [];
    const queue = new WorkQueue(clock, 9, (priority, seconds) => taken.push([priority, seconds]));
    queue.add(ref('a'), 'low');
    queue.add(ref('b'), 'low');
    await clock.pass(10_000);
    queue.add(ref('a'), 'high');
    await clock.pass(2_000);
    assert.deepEqual([queue.waiting.oldest, queue.waiting.oldestHigh], [12, 2]);
    await drain(queue);
    assert.deepEqual(taken, [
      ['high', 2],
      ['low', 12],
    ]);
    assert.deepEqual([queue.waiting.oldest, queue.waiting.oldestHigh], [0, 0]);
  });

  test('hands out a high-priority key within a few others, whatever the backlog', async () => {
    const queue = new WorkQueue(new FakeClock());
    for (let i = 0; i < 10_000; i++) queue.add({ namespace: `n${i % 50}`, name: `l${i}` }, 'low');
    for (let i = 0; i < 10_000; i++) queue.add({ namespace: `n${i % 50}`, name: `r${i}` }, 'retry');
    for (let start = 0; start < 8; start++) {
      queue.add(ref('fresh'), 'high');
      let others = 0;
      for (;;) {
        const taken = await queue.take(never);
        queue.done(taken);
        if (taken.name === 'fresh') break;
        others++;
      }
      assert.ok(others <= 1, String(others));
      queue.done(await queue.take(never));
    }
  });

  test('drops its timers when it is closed', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    queue.add(ref('a'), 'retry', 1000);
    queue.close();
    await clock.pass(1000);
    assert.deepEqual([clock.waiting, queue.size], [[], 0]);
  });

  test('does not delay a failed key that was added while in progress', async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    queue.add(ref('a'), 'high');
    const taken = await queue.take(never);
    queue.add(ref('a'), 'high');
    queue.retry(taken);
    queue.done(taken);
    assert.deepEqual(await drain(queue), ['a']);
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`hands out everything on time when the clock steps by ${name}, and back`, async () => {
      const clock = new FakeClock();
      const queue = new WorkQueue(clock);
      for (const each of [step, -step]) {
        queue.add(ref('delayed'), 'retry', 1_000);
        queue.retry(ref('failed'));
        queue.add(ref('waiting'), 'high');
        clock.stepWallClock(each);
        // The earlier of two delays counts.
        queue.add(ref('delayed'), 'retry', 1_000);
        queue.add(ref('new'), 'high');
        assert.equal(queue.waiting.oldest, 0);
        assert.deepEqual((await drain(queue)).sort(), ['new', 'waiting']);
        await clock.pass(1_000);
        assert.deepEqual((await drain(queue)).sort(), ['delayed', 'failed']);
        queue.forget(ref('failed'));
      }
    });
  }
});
