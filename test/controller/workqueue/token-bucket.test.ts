import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TokenBucket } from '../../../controller/workqueue/token-bucket.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';

/** Takes so many tokens at once; gives how many were had. */
function take(limit: TokenBucket, count: number): () => number {
  let had = 0;
  for (let i = 0; i < count; i++) void limit.take().then(() => had++);
  return () => had;
}

suite('the rate of requests', () => {
  test('is limited after a burst, and the burst comes back with time', async () => {
    const clock = new FakeClock();
    const limit = new TokenBucket(clock, 5, 10);
    const had = take(limit, 15);
    await clock.pass(0);
    assert.equal(had(), 10);
    await clock.pass(200);
    assert.equal(had(), 11);
    await clock.pass(800);
    assert.equal(had(), 15);
    await clock.pass(60_000);
    const again = take(limit, 15);
    await clock.pass(0);
    assert.equal(again(), 10);
  });

  test('is not limited where the number is negative', async () => {
    const clock = new FakeClock();
    const had = take(new TokenBucket(clock, -1, 0), 1000);
    await clock.pass(0);
    assert.equal(had(), 1000);
  });

  test('holds nobody who is told to stop', async () => {
    const limit = new TokenBucket(new FakeClock(), 1, 1);
    await limit.take();
    const stop = new AbortController();
    const waiting = limit.take(stop.signal);
    stop.abort();
    await assert.rejects(waiting);
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`is the same when the clock steps by ${name}, and back`, async () => {
      const clock = new FakeClock();
      const limit = new TokenBucket(clock, 5, 10);
      for (const each of [step, -step]) {
        const had = take(limit, 11);
        await clock.pass(0);
        assert.equal(had(), 10);
        clock.stepWallClock(each);
        await clock.pass(200);
        assert.equal(had(), 11);
        const next = take(limit, 1);
        await clock.pass(200);
        assert.equal(next(), 1);
        await clock.pass(2_000);
      }
    });
  }
});
