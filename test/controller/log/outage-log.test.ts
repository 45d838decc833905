import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Fields, Log } from '../../../controller/log/log.ts';
import { OutageLog } from '../../../controller/log/outage-log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;

function logging(): { clock: FakeClock; outages: OutageLog; lines: string[]; fail: Fail } {
  const clock = new FakeClock();
  const lines: string[] = [];
  const line = (message: string, fields: Fields = {}): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { info: line, warn: line, error: line };
  const outages = new OutageLog(log, clock);
  const fail: Fail = (from, to, cause = 'down') => {
    for (let i = from; i < to; i++) {
      outages.failed(cause, `o${i}`, () => lines.push(`in full: o${i}, ${cause}`));
      outages.settled(`o${i}`);
    }
  };
  return { clock, outages, lines, fail };
}

/** Lets the objects from one number up to another fail, each in its own reconcile. */
type Fail = (from: number, to: number, cause?: string) => void;

function end(outages: OutageLog, from: number, to: number): void {
  for (let i = from; i < to; i++) outages.ended(`o${i}`);
}

suite('an outage', () => {
  test('of 300 objects is three lines, however often they are retried', async () => {
    const { clock, outages, lines, fail } = logging();
    for (let minute = 0; minute < 5; minute++) {
      for (let i = 0; i < 3; i++) fail(0, 300);
      await clock.pass(MINUTE);
    }
    end(outages, 0, 300);
    assert.deepEqual(lines, [
      'in full: o0, down',
      'more SealedSecrets fail with the same cause {"cause":"down","more":299,"failing":300}',
      'outage over: no SealedSecret fails with this cause {"cause":"down","failed":300,"seconds":300}',
    ]);
  });

  test('that grows is counted once a minute', async () => {
    const { clock, lines, fail } = logging();
    const seconds = 300;
    for (let second = 0; second < seconds; second++) {
      fail(second * 10, second * 10 + 10);
      await clock.pass(1_000);
    }
    assert.equal(lines.length, 1 + seconds / 60 - 1, lines.join('\n'));
  });

  test('of one object logs that object alone', () => {
    const { outages, lines, fail } = logging();
    fail(0, 1);
    end(outages, 0, 1);
    assert.deepEqual(lines, ['in full: o0, down']);
    fail(0, 1);
    assert.equal(lines.length, 2, 'a second outage is logged again');
  });

  test('that one object keeps open logs others in full after ten minutes', async () => {
    const { clock, lines, fail } = logging();
    fail(0, 1);
    await clock.pass(10 * MINUTE);
    fail(1, 3);
    assert.deepEqual(lines.slice(0, 2), ['in full: o0, down', 'in full: o1, down']);
  });

  test('ends for an object that fails with another cause', () => {
    const { outages, lines, fail } = logging();
    fail(0, 2);
    fail(0, 2, 'refused');
    assert.deepEqual(lines.slice(1), [
      'in full: o0, refused',
      'outage over: no SealedSecret fails with this cause {"cause":"down","failed":2,"seconds":0}',
    ]);
    end(outages, 0, 2);
    assert.match(lines.at(-1) ?? '', /"cause":"refused","failed":2/);
  });

  test('that an object meets in a reconcile with a second cause continues', () => {
    const { outages, lines, fail } = logging();
    fail(0, 2);
    for (const name of ['o0', 'o1']) {
      outages.failed('down', name, () => assert.fail('it was logged'));
      outages.failed('status', name, () => lines.push(`status of ${name}`));
      outages.settled(name);
    }
    assert.deepEqual(lines, ['in full: o0, down', 'status of o0']);
  });
});

test('failures that are not retried are logged every ten minutes per cause, with the number of others', async () => {
  const { clock, outages, lines } = logging();
  for (let minute = 0; minute <= 10; minute++) {
    for (let i = 0; i < 10; i++) outages.failedOnce('events', (more) => lines.push(`event ${more}`));
    await clock.pass(MINUTE);
  }
  assert.deepEqual(lines, ['event 0', 'event 99']);
});
