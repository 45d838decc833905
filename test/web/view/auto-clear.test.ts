import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AutoClear } from '../../../web/view/auto-clear.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;

interface Rig {
  readonly clock: FakeClock;
  readonly autoClear: AutoClear;
  /** What was called, in order. */
  readonly calls: string[];
}

function start(): Rig {
  const clock = new FakeClock();
  const calls: string[] = [];
  const autoClear = new AutoClear({
    clock,
    after: 5 * MINUTE,
    warning: MINUTE,
    onWarning: (due) => calls.push(due ? 'warning' : 'no warning'),
    onExpired: () => calls.push('expired'),
  });
  return { clock, autoClear, calls };
}

suite('values that nobody touches', () => {
  test('expire after five minutes, with a warning one minute before', async () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch({ start: true });
    await clock.pass(4 * MINUTE - 1);
    assert.deepEqual(calls, []);
    await clock.pass(1);
    assert.deepEqual(calls, ['warning']);
    await clock.pass(MINUTE - 1);
    assert.deepEqual(calls, ['warning']);
    await clock.pass(1);
    assert.deepEqual(calls, ['warning', 'no warning', 'expired']);
    assert.deepEqual(clock.waiting, []);
  });

  test('expire once', async () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch({ start: true });
    await clock.pass(5 * MINUTE);
    await clock.pass(5 * MINUTE);
    autoClear.check();
    assert.deepEqual(calls, ['expired']);
  });

  test('stay for five more minutes after each touch', async () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch({ start: true });
    for (let touch = 0; touch < 3; touch += 1) {
      await clock.pass(3 * MINUTE);
      autoClear.touch();
    }
    assert.deepEqual(calls, []);
    await clock.pass(MINUTE);
    await clock.pass(3 * MINUTE);
    await clock.pass(MINUTE);
    assert.deepEqual(calls, ['warning', 'no warning', 'expired']);
  });

  test('stay when a touch follows the warning', async () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch({ start: true });
    await clock.pass(4 * MINUTE);
    autoClear.touch();
    assert.deepEqual(calls, ['warning', 'no warning']);
    await clock.pass(MINUTE);
    assert.deepEqual(calls, ['warning', 'no warning']);
  });

  test('are not waited for when there are none', async () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch();
    assert.deepEqual(clock.waiting, []);
    autoClear.touch({ start: true });
    autoClear.stop();
    await clock.pass(10 * MINUTE);
    assert.deepEqual(calls, []);
  });

  test('expire when the page is looked at again, although its timers stood still', () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch({ start: true });
    // The machine slept: only the wall clock went on.
    clock.stepWallClock(5 * MINUTE);
    autoClear.check();
    assert.deepEqual(calls, ['expired']);
  });

  test('expire in time although the wall clock is set back', async () => {
    const { clock, autoClear, calls } = start();
    autoClear.touch({ start: true });
    clock.stepWallClock(-60 * MINUTE);
    await clock.pass(4 * MINUTE);
    await clock.pass(MINUTE);
    assert.deepEqual(calls, ['warning', 'no warning', 'expired']);
  });
});
