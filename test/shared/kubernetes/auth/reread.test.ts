import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Reread } from '../../../../shared/kubernetes/auth/reread.ts';
import { FakeClock, STEPS } from '../../../support/fake-clock.ts';

suite('a token file', () => {
  for (const [name, step] of Object.entries(STEPS)) {
    test(`is re-read after a minute even if the clock steps by ${name} and back`, async () => {
      const clock = new FakeClock();
      let reads = 0;
      const files = new Reread(
        () => Promise.resolve({ tls: {}, headers: { reads: String(++reads) } }),
        clock,
      );
      await files.access();
      for (const each of [step, -step]) {
        const before = reads;
        clock.stepWallClock(each);
        await files.access();
        await clock.pass(60_000);
        await files.access();
        assert.equal(reads, before);
        await clock.pass(1);
        await files.access();
        assert.equal(reads, before + 1);
      }
    });
  }
});
