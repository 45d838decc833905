import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RepairBackoff } from '../../../controller/workqueue/repair-backoff.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';

const REF = { namespace: 'ns', name: 'db' };
const MINUTE = 60_000;

suite('drift', () => {
  test('of a Secret that was not repaired yet is repaired at once', () => {
    const drift = new RepairBackoff(new FakeClock());
    assert.equal(drift.pause(REF), 0);
    assert.ok(!drift.takeConflict(REF));
  });

  test('is repaired after growing pauses, up to five minutes', async () => {
    const clock = new FakeClock();
    const drift = new RepairBackoff(clock);
    for (let repairs = 0; repairs < 15; repairs++) {
      drift.repaired(REF);
      const pause = drift.pause(REF);
      const full = Math.min(1000 * 2 ** repairs, 5 * MINUTE);
      assert.ok(pause >= full / 2 && pause <= full, `pause ${repairs}: ${pause} ms`);
      await clock.pass(pause);
      assert.equal(drift.pause(REF), 0);
    }
  });

  test('is news once, at the third repair without ten quiet minutes between', async () => {
    const clock = new FakeClock();
    const drift = new RepairBackoff(clock);
    const news = async (repairs: number): Promise<boolean[]> => {
      const told = [];
      for (let repair = 0; repair < repairs; repair++) {
        drift.repaired(REF);
        told.push(drift.takeConflict(REF));
        await clock.pass(drift.pause(REF));
      }
      return told;
    };
    assert.deepEqual(await news(5), [false, false, true, false, false]);
    await clock.pass(11 * MINUTE);
    drift.repaired(REF);
    assert.ok(drift.pause(REF) <= 1000, 'after ten quiet minutes all begins anew');
    assert.deepEqual(await news(2), [false, true]);
  });

  test('is news until it was taken, once', () => {
    const drift = new RepairBackoff(new FakeClock());
    for (let repair = 0; repair < 5; repair++) drift.repaired(REF);
    assert.deepEqual([drift.takeConflict(REF), drift.takeConflict(REF)], [true, false]);
  });

  test('of one Secret does not slow another, and ends with its SealedSecret', () => {
    const drift = new RepairBackoff(new FakeClock());
    drift.repaired(REF);
    assert.equal(drift.pause({ ...REF, name: 'other' }), 0);
    drift.forget(REF);
    assert.equal(drift.pause(REF), 0);
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`is repaired after the same pause when the clock steps by ${name}, and back`, async () => {
      const clock = new FakeClock();
      const drift = new RepairBackoff(clock);
      drift.repaired(REF);
      const pause = drift.pause(REF);
      clock.stepWallClock(step);
      assert.equal(drift.pause(REF), pause);
      drift.repaired(REF);
      clock.stepWallClock(-step);
      assert.ok(drift.pause(REF) <= 2000);
      await clock.pass(2000);
      assert.equal(drift.pause(REF), 0);
    });
  }
});
