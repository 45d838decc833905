import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Backoff } from '../../../controller/workqueue/backoff.ts';

suite('a back-off', () => {
  test('doubles its pauses up to the longest, with up to 50 % jitter', () => {
    for (let run = 0; run < 200; run++) {
      const backoff = new Backoff(500, 10_000);
      for (const full of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
        const pause = backoff.next();
        assert.ok(pause >= full / 2 && pause <= full, `${pause} ms, not within ${full / 2} and ${full}`);
      }
    }
  });

  test('returns different pauses to clients that failed at the same time', () => {
    const pauses = new Set(Array.from({ length: 50 }, () => new Backoff(500, 10_000).next()));
    assert.ok(pauses.size > 40);
  });

  test('stays at the longest pause after thousands of attempts', () => {
    const backoff = new Backoff(500, 10_000);
    for (let attempt = 0; attempt < 5_000; attempt++) backoff.next();
    const pause = backoff.next();
    assert.ok(pause >= 5_000 && pause <= 10_000, `${pause} ms`);
  });

  test('starts with the first pause after a reset', () => {
    const backoff = new Backoff(500, 10_000);
    for (let attempt = 0; attempt < 5; attempt++) backoff.next();
    backoff.reset();
    assert.ok(backoff.next() <= 500);
  });
});
