import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, suite, test } from 'node:test';
import { Deadline, systemClock } from '../../shared/clock.ts';

const HOUR = 3600 * 1000;

suite('the clock', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  // setTimeout fires at once beyond 2^31-1 ms, which is 596.5 hours: a renewal after 720 h would never end.
  for (const hours of [1, 596, 597, 720, 1193, 1194, 8760]) {
    test(`sleeps ${hours} h, and no less`, async () => {
      const awake = mock.fn();
      void systemClock.sleep(hours * HOUR, new AbortController().signal).then(awake);
      let passed = 0;
      for (; awake.mock.callCount() === 0 && passed < 2 * hours; passed++) {
        mock.timers.tick(HOUR);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // Each piece of a long sleep begins at a full hour here, so that some come on top.
      assert.ok(passed >= hours && passed <= hours + 1 + hours / 596, `${passed} h`);
    });
  }

  test('wakes when it is aborted, however long it sleeps', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(8760 * HOUR, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(slept, /stopped/);
    await assert.rejects(systemClock.sleep(1, stop.signal), /stopped/);
  });
});

test('720 h are not over at once, on real timers too', async () => {
  const stop = new AbortController();
  const slept = systemClock.sleep(720 * HOUR, stop.signal).then(
    () => 'slept',
    () => 'aborted',
  );
  setTimeout(() => stop.abort(), 50);
  assert.equal(await slept, 'aborted');
});

suite('a deadline', () => {
  test('aborts when time is up, and says that it did', async () => {
    const deadline = new Deadline(5);
    await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
    assert.ok(deadline.expired);
  });

  test('follows another signal, also after it was lifted', () => {
    const stop = new AbortController();
    const deadline = new Deadline(60_000, stop.signal);
    deadline.lift();
    stop.abort();
    assert.ok(deadline.signal.aborted && !deadline.expired);
  });

  test('follows nothing after it was cleared', () => {
    const stop = new AbortController();
    const deadline = new Deadline(60_000, stop.signal);
    deadline.clear();
    stop.abort();
    assert.ok(!deadline.signal.aborted);
  });
});
