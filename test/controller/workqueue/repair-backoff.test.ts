import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RepairBackoff } from '../../../controller/workqueue/repair-backoff.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';

const REF = { namespace: 'ns', name: 'db' };
const MINUTE = 60_000;

suite('the repair back-off', () => {
  test('allows the first repair of a Secret at once', () => {
    const repairs = new RepairBackoff(new FakeClock());
    assert.equal(repairs.pause(REF), 0);
    assert.ok(!repairs.takeConflict(REF));
  });

  test('requires growing pauses between repairs, up to five minutes', async () => {
    const clock = new FakeClock();
    const repairs = new RepairBackoff(clock);
    for (let count = 0; count < 15; count++) {
      repairs.repaired(REF);
      const pause = repairs.pause(REF);
      const full = Math.min(1000 * 2 ** count, 5 * MINUTE);
      assert.ok(pause >= full / 2 && pause <= full, `pause ${count}: ${pause} ms`);
      await clock.pass(pause);
      assert.equal(repairs.pause(REF), 0);
    }
  });

  test('reports a conflict once, at the third repair without ten quiet minutes in between', async () => {
    const clock = new FakeClock();
    const repairs = new RepairBackoff(clock);
    const conflicts = async (count: number): Promise<boolean[]> => {
      const reported = [];
      for (let repair = 0; repair < count; repair++) {
        repairs.repaired(REF);
        reported.push(repairs.takeConflict(REF));
        await clock.pass(repairs.pause(REF));
      }
      return reported;
    };
    assert.deepEqual(await conflicts(5), [false, false, true, false, false]);
    await clock.pass(11 * MINUTE);
    repairs.repaired(REF);
    assert.ok(repairs.pause(REF) <= 1000, 'ten quiet minutes reset the back-off');
    assert.deepEqual(await conflicts(2), [false, true]);
  });

  test('keeps a conflict until it is taken', () => {
    const repairs = new RepairBackoff(new FakeClock());
    for (let repair = 0; repair < 5; repair++) repairs.repaired(REF);
    assert.deepEqual([repairs.takeConflict(REF), repairs.takeConflict(REF)], [true, false]);
  });

  test('counts each Secret by itself, and forgets it with its SealedSecret', () => {
    const repairs = new RepairBackoff(new FakeClock());
    repairs.repaired(REF);
    assert.equal(repairs.pause({ ...REF, name: 'other' }), 0);
    repairs.forget(REF);
    assert.equal(repairs.pause(REF), 0);
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`keeps its pauses when the clock steps by ${name}, and back`, async () => {
      const clock = new FakeClock();
      const repairs = new RepairBackoff(clock);
      repairs.repaired(REF);
      const pause = repairs.pause(REF);
      clock.stepWallClock(step);
      assert.equal(repairs.pause(REF), pause);
      repairs.repaired(REF);
      clock.stepWallClock(-step);
      assert.ok(repairs.pause(REF) <= 2000);
      await clock.pass(2000);
      assert.equal(repairs.pause(REF), 0);
    });
  }
});
