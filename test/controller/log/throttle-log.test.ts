import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ThrottleLog } from '../../../controller/log/throttle-log.ts';
import type { Fields, Log } from '../../../controller/log/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const BEGIN = 'warn the API server refuses requests as too many; sending fewer';
const END = 'info the API server takes all requests again';

function rig(): { clock: FakeClock; throttling: ThrottleLog; lines: string[] } {
  const lines: string[] = [];
  const logTo =
    (level: string) =>
    (message: string, fields: Fields = {}): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { info: logTo('info'), warn: logTo('warn'), error: logTo('error') };
  const clock = new FakeClock();
  return { clock, throttling: new ThrottleLog(log, clock), lines };
}

suite('the log of refused requests', () => {
  test('has one line when the API server begins to refuse, and one when it has stopped for a minute', async () => {
    const { clock, throttling, lines } = rig();
    throttling.answered();
    for (let i = 0; i < 100; i++) {
      throttling.refused(429, 2_000);
      await clock.pass(1_000);
      throttling.answered();
    }
    assert.deepEqual(lines, [`${BEGIN} {"status":429,"seconds":2}`]);
    await clock.pass(58_999);
    throttling.answered();
    assert.equal(lines.length, 1);
    await clock.pass(1);
    throttling.answered();
    throttling.answered();
    assert.deepEqual(lines.slice(1), [`${END} {"refused":100,"seconds":99}`]);
  });

  test('begins again with a refusal after an hour without any request', async () => {
    const { clock, throttling, lines } = rig();
    throttling.refused(503, 1_000);
    await clock.pass(3_600_000);
    throttling.refused(429, 1_000);
    assert.deepEqual(lines, [
      `${BEGIN} {"status":503,"seconds":1}`,
      `${END} {"refused":1,"seconds":0}`,
      `${BEGIN} {"status":429,"seconds":1}`,
    ]);
  });
});
