import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { identityOf } from '../../../controller/leaderelection/identity.ts';
import { Leadership, type LeaderSignals } from '../../../controller/leaderelection/leadership.ts';
import { timingProblem } from '../../../controller/leaderelection/settings.ts';
import { SharedTerm } from '../../../controller/leaderelection/term.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A leadership on a fake clock, and the term in the view of the election thread. */
function make(): { clock: FakeClock; shared: SharedTerm; leadership: Leadership; expired: number[] } {
  const clock = new FakeClock();
  const shared = new SharedTerm(undefined, () => BigInt(clock.elapsed()) * 1_000_000n);
  const expired: number[] = [];
  return { clock, shared, expired, leadership: new Leadership(shared, clock, (term) => expired.push(term)) };
}

suite('the leadership', () => {
  test('lasts until the moment that the election thread has shared', () => {
    const { clock, shared, leadership } = make();
    assert.equal(leadership.remaining(), 0);
    shared.begin(1, clock.elapsed() + 10_000);
    leadership.begun(1);
    assert.equal(leadership.remaining(), 10_000);
    shared.extend(clock.elapsed() + 12_000);
    assert.equal(leadership.remaining(), 12_000);
  });

  test('ends without a message when the moment has passed: the thread may be stopped too, or dead', async () => {
    const { clock, shared, leadership, expired } = make();
    shared.begin(1, clock.elapsed() + 10_000);
    leadership.begun(1);
    const started: LeaderSignals[] = [];
    const stop = new AbortController();
    const running = leadership.whileLeading((signals) => {
      started.push(signals);
      return new Promise((resolve) => signals.stop.addEventListener('abort', resolve, { once: true }));
    }, stop.signal);
    await clock.pass(10_000);
    assert.equal(started[0]?.lost.aborted, false, 'nothing has looked yet');
    assert.equal(leadership.remaining(), 0);
    assert.equal(started[0].lost.aborted, true, 'the work is aborted before the refusal is reported');
    assert.deepEqual(expired, [1]);
    stop.abort();
    await running;
  });

  test('ends on time even if nothing writes', async () => {
    const { clock, shared, leadership } = make();
    shared.begin(1, clock.elapsed() + 10_000);
    leadership.begun(1);
    const changes: boolean[] = [];
    leadership.onChange((isLeader) => changes.push(isLeader));
    const stop = new AbortController();
    const running = leadership.run(stop.signal);
    await clock.pass(9_999);
    assert.deepEqual(changes, []);
    await clock.pass(1);
    assert.deepEqual(changes, [false]);
    stop.abort();
    await running;
  });

  test('of a new term does not cover what belongs to the term before', () => {
    const { clock, shared, leadership } = make();
    shared.begin(1, clock.elapsed() + 10_000);
    leadership.begun(1);
    // The thread has lost and won again, and its messages have not arrived yet.
    shared.end();
    shared.begin(2, clock.elapsed() + 10_000);
    assert.equal(leadership.remaining(), 0);
    leadership.ended(1);
    leadership.begun(2);
    assert.equal(leadership.remaining(), 10_000);
    assert.equal(leadership.terms, 2);
  });

  test('runs work once in each term, and the next only after the one before has ended', async () => {
    const { clock, shared, leadership } = make();
    const events: string[] = [];
    const stop = new AbortController();
    let finish = (): void => undefined;
    const running = leadership.whileLeading(async ({ lost }) => {
      events.push('start');
      await new Promise<void>((resolve) => (finish = resolve));
      events.push(lost.aborted ? 'lost' : 'done');
    }, stop.signal);
    await clock.pass(0);
    assert.deepEqual(events, []);
    for (const number of [1, 2]) {
      shared.begin(number, clock.elapsed() + 10_000);
      leadership.begun(number);
      await clock.pass(0);
      if (number === 2) break;
      shared.end();
      leadership.ended(number);
      await clock.pass(0);
    }
    assert.deepEqual(events, ['start'], 'the work of the first term has not ended');
    finish();
    await clock.pass(0);
    assert.deepEqual(events, ['start', 'lost', 'start']);
    stop.abort();
    finish();
    await running;
  });
});

suite('the identity', () => {
  test('is that of the pod, so that a restarted container finds its own', () => {
    assert.equal(identityOf({ POD_NAME: 'pod-1', POD_UID: 'abc' }), 'pod-1_abc');
  });

  test('is another one for each process outside a pod', () => {
    assert.notEqual(identityOf({ POD_NAME: 'pod-1' }), identityOf({ POD_NAME: 'pod-1' }));
  });
});

suite('the timing', () => {
  const TIMING = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 };

  test('is safe by default', () => assert.equal(timingProblem(TIMING), undefined));

  test('must let the leader stop before another one starts', () => {
    assert.match(timingProblem({ ...TIMING, renewDeadline: 15_000 }) ?? '', /lease-duration must be longer/);
  });

  test('must let the leader try again before it has to stop', () => {
    assert.match(
      timingProblem({ ...TIMING, retryPeriod: 8_500 }) ?? '',
      /renew-deadline must be more than 1\.2 times/,
    );
  });

  test('must have pauses', () => {
    assert.match(timingProblem({ ...TIMING, retryPeriod: 0 }) ?? '', /retry-period must be more than 0/);
  });
});
