import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TokenBucket } from '../../../controller/workqueue/token-bucket.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';

/** Requests tokens at once. Returns a function that returns how many were granted. */
function take(limit: TokenBucket, count: number): () => number {
  let granted = 0;
  for (let i = 0; i < count; i++) void limit.wait().then(() => granted++);
  return () => granted;
}

suite('a token bucket', () => {
  test('limits the rate after a burst, and refills over time', async () => {
    const clock = new FakeClock();
    const limit = new TokenBucket(clock, { perSecond: 5, capacity: 10 });
    const granted = take(limit, 15);
    await clock.pass(0);
    assert.equal(granted(), 10);
    await clock.pass(200);
    assert.equal(granted(), 11);
    await clock.pass(800);
    assert.equal(granted(), 15);
    await clock.pass(60_000);
    const again = take(limit, 15);
    await clock.pass(0);
    assert.equal(again(), 10);
  });

  test('does not limit a negative rate', async () => {
    const clock = new FakeClock();
    const granted = take(new TokenBucket(clock, { perSecond: -1, capacity: 0 }), 1000);
    await clock.pass(0);
    assert.equal(granted(), 1000);
  });

  test('rejects a waiting request when its signal aborts', async () => {
    const limit = new TokenBucket(new FakeClock(), { perSecond: 1, capacity: 1 });
    await limit.wait();
    const stop = new AbortController();
    const waiting = limit.wait(stop.signal);
    stop.abort();
    await assert.rejects(waiting);
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`keeps its rate when the clock steps by ${name}, and back`, async () => {
      const clock = new FakeClock();
      const limit = new TokenBucket(clock, { perSecond: 5, capacity: 10 });
      for (const each of [step, -step]) {
        const granted = take(limit, 11);
        await clock.pass(0);
        assert.equal(granted(), 10);
        clock.stepWallClock(each);
        await clock.pass(200);
        assert.equal(granted(), 11);
        const next = take(limit, 1);
        await clock.pass(200);
        assert.equal(next(), 1);
        await clock.pass(2_000);
      }
    });
  }
});
