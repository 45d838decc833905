import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { Elector } from '../../../controller/leaderelection/elector.ts';
import type { Clock } from '../../../shared/clock.ts';
import { until } from '../../control-plane/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LeaseServer } from '../../support/lease-server.ts';
import { refused } from '../../support/scripted-api.ts';

const TIMING = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 };
const THEIRS = {
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: '2020-01-01T00:00:00.000000Z',
  renewTime: '2020-01-01T00:00:00.000000Z',
  leaseTransitions: 4,
};
const FORBIDDEN = refused(403, 'Forbidden');

/** A candidate on a fake clock, whose pauses have no jitter. */
class Candidate {
  readonly clock = new FakeClock();
  readonly server: LeaseServer;
  /** What the candidate said: `begun`, `ended`, `follows NAME`, `alone`, `failed CODE`. */
  readonly said: string[] = [];
  /** When the term ends, in ms from now; undefined between terms. */
  #until: number | undefined;
  /** How long the candidate pauses, in ms; undefined during an attempt. */
  #pause: number | undefined;
  readonly #elector: Elector;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(server: LeaseServer, identity = 'me') {
    this.server = server;
    this.#elector = new Elector({
      api: server.scripted.api,
      clock: this.#counted(),
      ref: { namespace: 'ns', name: 'lease' },
      identity,
      timing: TIMING,
      random: () => 0,
      listener: {
        begun: (time) => {
          this.said.push('begun');
          this.#until = time;
        },
        extended: (time) => (this.#until = time),
        ended: () => {
          this.said.push('ended');
          this.#until = undefined;
        },
        follows: (holder) => this.said.push(`follows ${holder}`),
        alone: () => this.said.push('alone'),
        failed: ({ code }) => this.said.push(`failed ${code}`),
      },
    });
  }

  /** For how long the candidate may write, in ms; 0 between terms. */
  get remaining(): number {
    return this.#until === undefined ? 0 : this.#until - this.clock.elapsed();
  }

  get elector(): Elector {
    return this.#elector;
  }

  async start(): Promise<this> {
    this.#running = this.#elector.run(this.#stop.signal);
    await this.#settled();
    return this;
  }

  /** Lets time pass until the next attempt, and waits for its end. Returns the time, in ms. */
  async next(): Promise<number> {
    const pause = this.#pause ?? 0;
    this.#pause = undefined;
    await this.clock.pass(pause);
    await this.#settled();
    return pause;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Waits until the candidate pauses after an attempt. */
  async #settled(): Promise<void> {
    await until('a pause', () => this.#pause);
  }

  /** Returns the clock, and notes how long the candidate pauses after each attempt. */
  #counted(): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      sleep: (ms, signal) => {
        // The time limits of requests have signals of their own.
        if (signal === this.#stop.signal) this.#pause = ms;
        return clock.sleep(ms, signal);
      },
    };
  }
}

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

async function candidate(prepare: (server: LeaseServer) => void = () => undefined): Promise<Candidate> {
  const server = await LeaseServer.start();
  open.push(server);
  prepare(server);
  const made = new Candidate(server);
  open.push(made);
  return made.start();
}

suite('a candidate takes', () => {
  test('a Lease that does not exist, with times of six fractional digits', async () => {
    const { server, said, remaining } = await candidate();
    assert.deepEqual(said, ['begun']);
    assert.equal(remaining, 10_000);
    assert.deepEqual(server.record, {
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  test('a released Lease at once, and counts the transition', async () => {
    const free = { ...THEIRS, holderIdentity: '', leaseDurationSeconds: 1 };
    const { server, said } = await candidate((each) => each.put(free));
    assert.deepEqual(said, ['begun']);
    assert.equal(server.record.leaseTransitions, 5);
  });

  test('a Lease with its own identity at once, and keeps when it was acquired', async () => {
    const mine = { ...THEIRS, holderIdentity: 'me' };
    const { server, said } = await candidate((each) => each.put(mine));
    assert.deepEqual(said, ['begun']);
    const { acquireTime, leaseTransitions } = server.record;
    assert.deepEqual(
      { acquireTime, leaseTransitions },
      { acquireTime: THEIRS.acquireTime, leaseTransitions: 4 },
    );
  });

  test('a foreign Lease once the duration in it has passed without a change, whatever the times in it', async () => {
    const me = await candidate((each) => each.put(THEIRS));
    assert.deepEqual(me.said, ['follows other'], 'a renewal of years ago is no reason');
    let passed = 0;
    while (me.remaining === 0) passed += await me.next();
    assert.equal(passed, 15_000);
    assert.equal(me.server.record.leaseTransitions, 5);
  });

  test('a foreign Lease whose times are in the future when its duration has passed', async () => {
    const renewTime = '2036-01-01T00:00:00.000000Z';
    const me = await candidate((each) => each.put({ ...THEIRS, renewTime }));
    let passed = 0;
    while (me.remaining === 0) passed += await me.next();
    assert.equal(passed, 15_000);
  });

  test('a foreign Lease after the duration that is written in it, not its own', async () => {
    const me = await candidate((each) => each.put({ ...THEIRS, leaseDurationSeconds: 60 }));
    let passed = 0;
    while (me.remaining === 0) passed += await me.next();
    assert.equal(passed, 60_000);
  });

  test('no Lease whose record changes right before it expires', async () => {
    const me = await candidate((each) => each.put(THEIRS));
    let passed = 0;
    while (passed < 14_800) passed += await me.next();
    me.server.put({ ...THEIRS, renewTime: '2020-01-01T00:00:02.000000Z' });
    const changed = passed;
    while (me.remaining === 0) passed += await me.next();
    assert.ok(passed >= changed + 15_000, `${passed - changed}`);
    assert.equal(me.server.methods.filter((method) => method === 'PUT').length, 1);
  });

  test('no Lease that another candidate takes between its read and its write', async () => {
    const me = await candidate((each) => {
      each.put({ ...THEIRS, holderIdentity: '' });
      each.fault = ({ method }) => {
        if (method === 'PUT') each.put(THEIRS);
        return undefined;
      };
    });
    assert.deepEqual(me.said, []);
    assert.equal(me.server.record.holderIdentity, 'other');
    await me.next();
    assert.deepEqual(me.said, ['follows other']);
  });
});

suite('a leader', () => {
  test('renews every retry period with one request, and may write until the deadline after it', async () => {
    const me = await candidate();
    assert.equal(await me.next(), 2_000);
    assert.deepEqual(me.server.methods, ['GET', 'POST', 'PUT']);
    assert.equal(me.remaining, 10_000);
    assert.equal(me.server.record.acquireTime, '2026-01-01T00:00:00.000000Z');
    assert.equal(me.server.record.renewTime, '2026-01-01T00:00:02.000000Z');
  });

  test('loses when no renewal succeeds before the deadline, and competes again', async () => {
    const me = await candidate();
    me.server.fault = () => refused(503, 'ServiceUnavailable');
    let passed = 0;
    while (me.remaining > 0) passed += await me.next();
    assert.equal(passed, 10_000);
    assert.deepEqual(me.said, ['begun', 'failed ApiRefused', 'ended']);
    me.server.fault = () => undefined;
    while (me.remaining === 0) await me.next();
    assert.deepEqual(me.said.at(-1), 'begun');
    assert.equal(me.server.record.leaseTransitions, 0, 'nobody else had it');
  });

  test('loses at once when another one has taken the Lease', async () => {
    const me = await candidate();
    me.server.put(THEIRS);
    await me.next();
    assert.deepEqual(me.said, ['begun', 'ended', 'follows other']);
  });

  test('goes on when only the metadata of its Lease has changed', async () => {
    const me = await candidate();
    me.server.put(me.server.record);
    await me.next();
    assert.deepEqual(me.said, ['begun']);
    assert.equal(me.remaining, 10_000);
  });

  test('creates a deleted Lease again', async () => {
    const me = await candidate();
    me.server.delete();
    await me.next();
    assert.deepEqual(me.said, ['begun']);
    assert.equal(me.server.record.holderIdentity, 'me');
  });

  test('takes a refusal for a failed renewal', async () => {
    const me = await candidate();
    me.server.fault = () => FORBIDDEN;
    while (me.remaining > 0) await me.next();
    for (let i = 0; i < 5; i++) await me.next();
    assert.deepEqual(me.said, ['begun', 'failed ApiRefused', 'ended']);
  });

  test('whose process was stopped for longer than the deadline has lost', async () => {
    const me = await candidate();
    await me.clock.pass(60_000);
    await until('the end of the term', () => (me.said.includes('ended') ? true : undefined));
  });

  test('may write from the time when the renewal was sent, not answered', async () => {
    const me = await candidate();
    me.server.fault = ({ method }) => {
      // The answer takes three seconds.
      if (method === 'PUT') void me.clock.pass(3_000);
      return undefined;
    };
    await me.next();
    assert.equal(me.remaining, 7_000);
  });
});

suite('a release', () => {
  test('empties the record of the holder', async () => {
    const me = await candidate();
    await me.stop();
    await me.elector.release();
    const { holderIdentity, leaseDurationSeconds, leaseTransitions } = me.server.record;
    assert.deepEqual([holderIdentity, leaseDurationSeconds, leaseTransitions], ['', 1, 0]);
    assert.deepEqual(me.said, ['begun', 'ended']);
  });

  test('changes nothing when another one holds the Lease', async () => {
    const me = await candidate();
    await me.stop();
    me.server.put(THEIRS);
    await me.elector.release();
    assert.deepEqual(me.server.record, THEIRS);
  });

  test('of a candidate that does not lead sends nothing', async () => {
    const me = await candidate((each) => each.put(THEIRS));
    await me.stop();
    await me.elector.release();
    assert.ok(!me.server.methods.includes('PUT'));
  });
});

suite('without the right to the Lease', () => {
  test('a candidate works alone after the second refusal, and says so once', async () => {
    const me = await candidate((each) => (each.fault = () => FORBIDDEN));
    assert.deepEqual(me.said, [], 'a server that starts refuses everything');
    assert.equal(await me.next(), 2_000);
    assert.deepEqual(me.said, ['alone', 'begun']);
    assert.equal(me.remaining, Number.POSITIVE_INFINITY);
    assert.equal(await me.next(), 60_000);
    assert.deepEqual(me.said, ['alone', 'begun']);
  });

  test('a candidate that was refused once competes', async () => {
    let refusals = 1;
    const me = await candidate((each) => {
      each.fault = () => (refusals-- > 0 ? FORBIDDEN : undefined);
    });
    await me.next();
    assert.deepEqual(me.said, ['begun']);
    assert.equal(me.remaining, 10_000);
  });

  test('a candidate competes as soon as the right appears, and its work goes on', async () => {
    const me = await candidate((each) => (each.fault = () => FORBIDDEN));
    await me.next();
    me.server.fault = () => undefined;
    await me.next();
    assert.deepEqual(me.said, ['alone', 'begun']);
    assert.equal(me.remaining, 10_000);
    assert.equal(me.server.record.holderIdentity, 'me');
  });

  test('a candidate stops to work when the right appears and another one leads', async () => {
    const me = await candidate((each) => (each.fault = () => FORBIDDEN));
    await me.next();
    me.server.fault = () => undefined;
    me.server.put(THEIRS);
    await me.next();
    assert.deepEqual(me.said, ['alone', 'begun', 'ended', 'follows other']);
  });

  test('a candidate works alone where the API server has no Leases', async () => {
    const me = await candidate(
      (each) => (each.fault = () => ({ status: 404, body: '404 page not found\n' })),
    );
    await me.next();
    assert.deepEqual(me.said, ['alone', 'begun']);
  });
});
