import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { stopSignal } from '../../controller/process.ts';
import type { Log } from '../../controller/log/log.ts';

suite('a stop of the controller', () => {
  test('that takes more than ten seconds is logged and ends the process', (t) => {
    const lines: string[] = [];
    const add = (message: string): number => lines.push(message);
    const log: Log = { info: add, warn: add, error: add };
    const exit = t.mock.method(process, 'exit', () => undefined);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const before = process.listeners('SIGINT');
    const signal = stopSignal(log);
    for (const listener of process.listeners('SIGINT')) {
      if (!before.includes(listener)) process.removeListener('SIGINT', listener);
    }
    process.emit('SIGTERM', 'SIGTERM');
    assert.ok(signal.aborted);
    t.mock.timers.tick(9_999);
    assert.deepEqual(lines, ['stopping']);
    t.mock.timers.tick(1);
    assert.deepEqual(lines, ['stopping', 'stopping takes too long; exiting']);
    assert.deepEqual(
      exit.mock.calls.map(({ arguments: [code] }) => code),
      [1],
    );
  });
});
