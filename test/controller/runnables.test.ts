import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runAll, type Runnable } from '../../controller/runnables.ts';

/** A part that records what it does, and works until the signal aborts. */
function recorded(name: string, calls: string[], overrides: Runnable = {}): Runnable {
  return {
    start: async () => {
      await Promise.resolve();
      calls.push(`${name} starts`);
    },
    run: async (signal) => {
      calls.push(`${name} runs`);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      calls.push(`${name} ends`);
    },
    stop: async () => {
      await Promise.resolve();
      calls.push(`${name} stops`);
    },
    ...overrides,
  };
}

const FAILED = new Error('failed');

suite('runnables', () => {
  test('start in order, and stop in reverse once all work has ended', async () => {
    const calls: string[] = [];
    const stop = new AbortController();
    const last = { start: () => void setImmediate(() => stop.abort()) };
    await runAll([recorded('a', calls), recorded('b', calls), last], stop.signal);
    assert.deepEqual(calls, [
      'a starts',
      'a runs',
      'b starts',
      'b runs',
      'a ends',
      'b ends',
      'b stops',
      'a stops',
    ]);
  });

  test('stop those that have started when one cannot start', async () => {
    const calls: string[] = [];
    const bad = recorded('bad', calls, { start: () => Promise.reject(FAILED) });
    const running = runAll(
      [recorded('a', calls), recorded('b', calls), bad, recorded('c', calls)],
      new AbortController().signal,
    );
    await assert.rejects(running, FAILED);
    assert.deepEqual(calls, ['a starts', 'a runs', 'b starts', 'b runs', 'b stops', 'a stops']);
  });

  test('stop when the work of one fails, even while a later one starts', async () => {
    for (const later of [{}, { start: () => new Promise<void>(() => undefined) }]) {
      const calls: string[] = [];
      const bad = recorded('bad', calls, { run: () => Promise.reject(FAILED) });
      const running = runAll([recorded('a', calls), bad, later], new AbortController().signal);
      await assert.rejects(running, FAILED);
      assert.deepEqual(calls, ['a starts', 'a runs', 'bad starts', 'bad stops', 'a stops']);
    }
  });
});
