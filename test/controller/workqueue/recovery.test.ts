import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { afterEach, suite, test } from 'node:test';
import { Recovery } from '../../../controller/workqueue/recovery.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const RATE = 20;
const BURST = 10;
const MINUTE = 60_000;
const CAUSE = 'create Secret: 403 Forbidden';

let cleanup: (() => Promise<void>) | undefined;
afterEach(() => cleanup?.());

interface Running {
  readonly clock: FakeClock;
  readonly recovery: Recovery;
  /** The objects that were brought forward, in order. */
  readonly forward: Ref[];
  /** Advances the clock by seconds, in steps shorter than the interval of the rate limit. */
  readonly pass: (seconds: number) => Promise<void>;
}

/** @param outcome called for each object that is brought forward, to report how its reconcile ends */
function running(outcome: (ref: Ref, recovery: Recovery) => void = () => undefined): Running {
  const clock = new FakeClock();
  const forward: Ref[] = [];
  const recovery = new Recovery(clock, (ref) => {
    forward.push(ref);
    recovery.started(ref);
    outcome(ref, recovery);
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const run = recovery.run(stop.signal);
  cleanup = async () => {
    stop.abort();
    await run;
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let step = 0; step < seconds * 50; step++) await clock.pass(20);
  };
  return { clock, recovery, forward, pass };
}

function refOf(namespace: string, index: number): Ref {
  return { namespace, name: `o${index}` };
}

function fail(recovery: Recovery, namespace: string, count: number, cause = CAUSE): void {
  for (let i = 0; i < count; i++) recovery.failed(refOf(namespace, i), cause);
}

const again = (ref: Ref, recovery: Recovery): void => recovery.failed(ref, CAUSE);

suite('after an object succeeds', () => {
  test('all objects that failed with the same cause are brought forward at the rate limit', async () => {
    const { recovery, forward, pass } = running((ref, it) => it.succeeded(ref));
    fail(recovery, 'a', 300);
    await pass(1);
    assert.deepEqual(forward, []);
    recovery.succeeded(refOf('a', 0));
    await pass(1);
    assert.ok(forward.length >= RATE && forward.length <= BURST + RATE + 1, String(forward.length));
    await pass(299 / RATE);
    assert.equal(forward.length, 299);
    assert.equal(new Set(forward.map(({ name }) => name)).size, 299);
  });

  test('objects that failed with another cause are not brought forward', async () => {
    const { recovery, forward, pass } = running();
    fail(recovery, 'a', 2);
    fail(recovery, 'b', 5, 'create Secret: 500 InternalError');
    recovery.succeeded(refOf('a', 0));
    await pass(1);
    assert.deepEqual(forward, [refOf('a', 1)]);
  });

  test('that had not failed, no object is brought forward', async () => {
    const { recovery, forward, pass } = running();
    fail(recovery, 'a', 5);
    recovery.succeeded(refOf('b', 0));
    await pass(1);
    assert.deepEqual(forward, []);
  });

  test('its namespace is not preferred to others', async () => {
    const { recovery, forward, pass } = running();
    fail(recovery, 'many', 1_000);
    fail(recovery, 'few', 5);
    recovery.succeeded(refOf('many', 0));
    await pass(1);
    assert.equal(forward.filter(({ namespace }) => namespace === 'few').length, 5);
  });

  test('objects that are being reconciled or gone are not brought forward', async () => {
    const { recovery, forward, pass } = running();
    fail(recovery, 'a', 4);
    recovery.started(refOf('a', 1));
    recovery.forget(refOf('a', 2));
    recovery.succeeded(refOf('a', 0));
    await pass(5);
    assert.deepEqual(forward, [refOf('a', 3)]);
  });
});

suite('while all objects of a cause are in back-off', () => {
  test('one object is probed every five seconds, in turn', async () => {
    const { recovery, forward, pass } = running(again);
    fail(recovery, 'a', 300);
    await pass(60);
    assert.ok(forward.length >= 5 && forward.length <= 12, String(forward.length));
    assert.equal(new Set(forward.map(({ name }) => name)).size, forward.length);
  });

  test('no object is probed if one was reconciled anyway', async () => {
    const { recovery, forward, pass } = running(again);
    fail(recovery, 'a', 300);
    for (let second = 0; second < 60; second++) {
      recovery.started(refOf('a', 0));
      recovery.failed(refOf('a', 0), CAUSE);
      await pass(1);
    }
    assert.deepEqual(forward, []);
  });

  test('a single object is left to its back-off', async () => {
    const { recovery, forward, pass } = running(again);
    fail(recovery, 'a', 1);
    await pass(60);
    assert.deepEqual(forward, []);
  });

  test('one object per second is probed, for any number of causes', async () => {
    const { recovery, forward, pass } = running((ref, it) => it.failed(ref, ref.namespace));
    for (let cause = 0; cause < 100; cause++) fail(recovery, `n${cause}`, 2, `n${cause}`);
    const seconds = 100;
    await pass(seconds);
    assert.ok(forward.length <= seconds && forward.length >= seconds / 2, String(forward.length));
    const namespaces = new Set(forward.map(({ namespace }) => namespace));
    assert.equal(namespaces.size, forward.length, 'each cause is probed in turn');
  });
});

suite('objects that keep failing while another with the same cause succeeds', () => {
  test('are brought forward once per minute', async () => {
    const { recovery, forward, pass } = running(again);
    fail(recovery, 'a', 5);
    for (let second = 0; second < 150; second++) {
      recovery.failed(refOf('b', 0), CAUSE);
      recovery.succeeded(refOf('b', 0));
      await pass(1);
    }
    assert.equal(forward.length, 5 * 3);
  });

  test('keep their cooldown when they fail again in between', async () => {
    const { clock, recovery, forward, pass } = running(again);
    fail(recovery, 'a', 2);
    recovery.succeeded(refOf('a', 0));
    await pass(1);
    assert.equal(forward.length, 1);
    recovery.started(refOf('a', 1));
    recovery.failed(refOf('a', 1), 'another');
    recovery.started(refOf('a', 1));
    recovery.failed(refOf('a', 1), CAUSE);
    for (const [passed, expected] of [
      [0, 1],
      [MINUTE, 2],
    ] as const) {
      await clock.pass(passed);
      recovery.failed(refOf('b', 0), CAUSE);
      recovery.succeeded(refOf('b', 0));
      await pass(1);
      assert.equal(forward.length, expected);
    }
  });

  test('are brought forward at the rate limit, for any number of objects', async () => {
    const { recovery, forward, pass } = running(again);
    for (const cause of [CAUSE, 'another']) {
      for (let i = 0; i < 5_000; i++) recovery.failed(refOf(`${cause.length}`, i), cause);
    }
    const seconds = 30;
    for (let second = 0; second < seconds; second++) {
      for (const cause of [CAUSE, 'another']) {
        recovery.failed(refOf('lucky', 0), cause);
        recovery.succeeded(refOf('lucky', 0));
      }
      await pass(1);
    }
    assert.ok(forward.length <= BURST + RATE * seconds, String(forward.length));
    assert.ok(forward.length >= RATE * seconds, String(forward.length));
  });
});
