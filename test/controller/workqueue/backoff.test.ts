import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Backoff } from '../../../controller/workqueue/backoff.ts';

suite('a back-off', () => {
  test('doubles up to its longest pause, and leaves up to a half of each to chance', () => {
    for (let run = 0; run < 200; run++) {
      const backoff = new Backoff(500, 10_000);
      for (const full of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
        const pause = backoff.next();
        assert.ok(pause >= full / 2 && pause <= full, `${pause} ms, not within ${full / 2} and ${full}`);
      }
    }
  });

  test('does not come out the same for all who failed at the same moment', () => {
    const pauses = new Set(Array.from({ length: 50 }, () => new Backoff(500, 10_000).next()));
    assert.ok(pauses.size > 40);
  });

  test('stays at its longest pause, however often it is asked', () => {
    const backoff = new Backoff(500, 10_000);
    for (let attempt = 0; attempt < 5_000; attempt++) backoff.next();
    const pause = backoff.next();
    assert.ok(pause >= 5_000 && pause <= 10_000, `${pause} ms`);
  });

  test('begins anew after a reset', () => {
    const backoff = new Backoff(500, 10_000);
    for (let attempt = 0; attempt < 5; attempt++) backoff.next();
    backoff.reset();
    assert.ok(backoff.next() <= 500);
  });
});
