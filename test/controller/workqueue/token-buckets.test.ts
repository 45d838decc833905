import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TokenBuckets } from '../../../controller/workqueue/token-buckets.ts';
import { FakeClock } from '../../support/fake-clock.ts';

suite('the token buckets', () => {
  test('drop full buckets and keep all others', async () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets(clock, { perSecond: 2, capacity: 3 });
    for (let index = 0; index < 1_000; index++) buckets.take(`client ${index}`);
    assert.equal(buckets.size, 1_000);
    await clock.pass(600);
    buckets.take('one more');
    assert.equal(buckets.size, 1);
  });

  test('refuse new names while all buckets are in use, and reset none', async () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets(clock, { perSecond: 0.001, capacity: 1 });
    for (let index = 0; index < 65_536; index++) buckets.take(String(index));
    assert.equal(buckets.peek('new').allowed, false);
    assert.equal(buckets.peek('0').allowed, false);
    await clock.pass(1_000_001);
    assert.equal(buckets.peek('new').allowed, true);
    assert.equal(buckets.size, 0);
  });
});
