import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, suite, test } from 'node:test';
import { Deadline, systemClock } from '../../shared/clock.ts';

const HOUR = 3600 * 1000;

suite('the clock', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  // setTimeout fires at once beyond 2^31-1 ms (596.5 hours): a renewal every 720 h would loop.
  for (const hours of [1, 596, 597, 720, 1193, 1194, 8760]) {
    test(`sleeps ${hours} h, and no less`, async () => {
      const awake = mock.fn();
      void systemClock.sleep(hours * HOUR, new AbortController().signal).then(awake);
      let passed = 0;
      for (; awake.mock.callCount() === 0 && passed < 2 * hours; passed++) {
        mock.timers.tick(HOUR);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // The fake timers advance in full hours, so that each part of a long sleep may take up to an hour more.
      assert.ok(passed >= hours && passed <= hours + 1 + hours / 596, `${passed} h`);
    });
  }

  test('wakes when it is aborted, however long the sleep is', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(8760 * HOUR, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(slept, /stopped/);
    await assert.rejects(systemClock.sleep(1, stop.signal), /stopped/);
  });
});

test('720 h do not elapse at once on real timers', async () => {
  const stop = new AbortController();
  const slept = systemClock.sleep(720 * HOUR, stop.signal).then(
    () => 'slept',
    () => 'aborted',
  );
  setTimeout(() => stop.abort(), 50);
  assert.equal(await slept, 'aborted');
});

suite('a deadline', () => {
  test('aborts at its time limit, and reports it', async () => {
    const deadline = new Deadline(5);
    await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
    assert.ok(deadline.expired);
  });

  test('follows another signal, even after it is lifted', () => {
    const stop = new AbortController();
    const deadline = new Deadline(60_000, stop.signal);
    deadline.lift();
    stop.abort();
    assert.ok(deadline.signal.aborted && !deadline.expired);
  });

  test('follows nothing after it is cleared', () => {
    const stop = new AbortController();
    const deadline = new Deadline(60_000, stop.signal);
    deadline.clear();
    stop.abort();
    assert.ok(!deadline.signal.aborted);
  });

  test('calls back once when it ends, and at once after that', () => {
    const stop = new AbortController();
    const deadline = new Deadline(60_000, stop.signal);
    let calls = 0;
    deadline.onEnd(() => calls++);
    assert.equal(calls, 0);
    stop.abort(new Error('stopped'));
    assert.equal(calls, 1);
    deadline.onEnd(() => calls++);
    assert.equal(calls, 2);
    assert.match(String(deadline.signal.reason), /stopped/);
    deadline.clear();
  });

  test('does not call back after it is cleared', () => {
    const stop = new AbortController();
    const deadline = new Deadline(60_000, stop.signal);
    let calls = 0;
    deadline.onEnd(() => calls++);
    deadline.clear();
    stop.abort();
    assert.equal(calls, 0);
  });
});
