import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ClientLimit, limitHeaders } from '../../../controller/server/rate-limit.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';

const user = (forwardedFor: string, peer = '10.0.0.1'): { peer: string; forwardedFor: string } => ({
  peer,
  forwardedFor,
});

/** Returns how many of `count` requests are allowed. */
function allowed(
  limit: ClientLimit,
  count: number,
  client: (index: number) => ReturnType<typeof user>,
): number {
  return Array.from({ length: count }, (_, i) => limit.take(client(i), '/v1/verify')).filter(
    (decision) => decision?.allowed !== false,
  ).length;
}

suite('the rate limit of a client', () => {
  test('allows burst + 1 requests at once, and then the rate', async () => {
    const clock = new FakeClock();
    const limit = new ClientLimit(clock, { perSecond: 2, burst: 2 });
    assert.equal(
      allowed(limit, 10, () => user('a')),
      3,
    );
    await clock.pass(500);
    assert.equal(
      allowed(limit, 10, () => user('a')),
      1,
    );
    await clock.pass(60_000);
    assert.equal(
      allowed(limit, 10, () => user('a')),
      3,
    );
  });

  test('is reported in the headers of the reference implementation', async () => {
    const clock = new FakeClock();
    const limit = new ClientLimit(clock, { perSecond: 2, burst: 2 });
    const headers = (): Record<string, string> =>
      limitHeaders(limit.take(user('a'), '/v1/verify') ?? never());
    assert.deepEqual(headers(), {
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': '1',
    });
    assert.equal(headers()['x-ratelimit-remaining'], '1');
    assert.deepEqual(headers(), {
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '2',
    });
    const refused = { 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' };
    assert.deepEqual(headers(), { ...refused, 'retry-after': '1' });
    await clock.pass(499);
    assert.deepEqual(headers(), { ...refused, 'retry-after': '1' });
  });

  test('has a bucket per path, as in the reference implementation', () => {
    const limit = new ClientLimit(new FakeClock(), { perSecond: 2, burst: 2 });
    assert.equal(
      allowed(limit, 10, () => user('a')),
      3,
    );
    assert.equal(limit.take(user('a'), '/v1/rotate')?.allowed, true);
  });

  test('is disabled by a rate of 0', () => {
    const limit = new ClientLimit(new FakeClock(), { perSecond: 0, burst: 2 });
    assert.equal(limit.take(user('a'), '/v1/verify'), undefined);
  });

  test('refills at the same rate when the wall clock is set back or forward', async () => {
    for (const step of [-3_600_000, 10 * 365 * 86_400_000]) {
      const clock = new FakeClock();
      const limit = new ClientLimit(clock, { perSecond: 2, burst: 2 });
      allowed(limit, 10, () => user('a'));
      clock.stepWallClock(step);
      assert.equal(limit.take(user('a'), '/v1/verify')?.allowed, false);
      await clock.pass(500);
      assert.equal(limit.take(user('a'), '/v1/verify')?.allowed, true);
    }
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`does not change when the clock steps by ${name}, and back`, async () => {
      const clock = new FakeClock();
      const limit = new ClientLimit(clock, { perSecond: 2, burst: 2 });
      for (const each of [step, -step]) {
        assert.equal(
          allowed(limit, 10, () => user('a')),
          3,
        );
        clock.stepWallClock(each);
        const verdict = limit.take(user('a'), '/v1/verify');
        assert.deepEqual([verdict?.allowed, verdict?.retryAfter], [false, 500]);
        await clock.pass(500);
        assert.equal(
          allowed(limit, 10, () => user('a')),
          1,
        );
        await clock.pass(1_500);
      }
    });
  }
});

suite('the rate limit of re-encryptions', () => {
  const RATE = { perSecond: 2, burst: 2 };
  const MIB = 1024 * 1024;

  /** Returns how many of many requests with a body of that size are allowed. */
  function rotations(
    limit: ClientLimit,
    bytes: number,
    client: (index: number) => ReturnType<typeof user>,
  ): number {
    return Array.from({ length: 1_000 }, (_, i) => limit.take(client(i), '/v1/rotate', bytes)).filter(
      (decision) => decision?.allowed !== false,
    ).length;
  }

  for (const [what, bytes, atOnce, perSecond] of [
    ['without a body', 0, 60, 40],
    ['a small one', 32 * 1024, 60, 40],
    ['a larger one', 32 * 1024 + 1, 30, 20],
    ['one of 320 KiB', 320 * 1024, 6, 4],
    ['the largest', 2 * MIB, 3, 2],
    ['one that comes in chunks', Number.POSITIVE_INFINITY, 3, 2],
  ] as const) {
    test(`is ${atOnce} at once and ${perSecond} per second: ${what}`, async () => {
      const clock = new FakeClock();
      const limit = ClientLimit.ofRotations(clock, RATE);
      assert.equal(
        rotations(limit, bytes, () => user('a')),
        atOnce,
      );
      await clock.pass(1_000);
      assert.equal(
        rotations(limit, bytes, () => user('a')),
        perSecond,
      );
    });
  }

  test('is five times as much for a TCP peer, whatever clients it names', () => {
    const limit = ClientLimit.ofRotations(new FakeClock(), RATE);
    assert.equal(
      rotations(limit, 0, (index) => user(`10.1.${index >> 8}.${index & 255}`)),
      300,
    );
  });

  test('follows the flags, and is disabled by a rate of 0', () => {
    assert.equal(
      rotations(ClientLimit.ofRotations(new FakeClock(), { perSecond: 1, burst: 0 }), 0, () => user('a')),
      20,
    );
    const none = ClientLimit.ofRotations(new FakeClock(), { perSecond: 0, burst: 2 });
    assert.equal(none.take(user('a'), '/v1/rotate', 2 * MIB), undefined);
  });
});

suite('the rate limit of a TCP peer', () => {
  test('is twenty times that of a client, whatever clients it names', async () => {
    const clock = new FakeClock();
    const limit = new ClientLimit(clock, { perSecond: 2, burst: 2 });
    const forged = (index: number): ReturnType<typeof user> => user(`10.1.${index >> 8}.${index & 255}`);
    assert.equal(allowed(limit, 1_000, forged), 60);
    await clock.pass(1_000);
    assert.equal(
      allowed(limit, 1_000, (index) => forged(index + 1_000)),
      40,
    );
    const refused = limit.take(forged(5_000), '/v1/verify');
    assert.deepEqual([refused?.allowed, refused?.remaining], [false, 0]);
    assert.ok((refused?.retryAfter ?? 0) > 0);
  });

  test('is not used up by a single user behind it', () => {
    const limit = new ClientLimit(new FakeClock(), { perSecond: 2, burst: 2 });
    assert.equal(
      allowed(limit, 10_000, () => user('greedy')),
      3,
    );
    assert.equal(
      allowed(limit, 3, () => user('other')),
      3,
    );
  });

  test('is separate for each peer', () => {
    const limit = new ClientLimit(new FakeClock(), { perSecond: 2, burst: 2 });
    allowed(limit, 1_000, (index) => user(String(index)));
    assert.equal(
      allowed(limit, 3, () => user('', '10.0.0.2')),
      3,
    );
  });
});

function never(): never {
  throw new Error('there is a limit');
}
