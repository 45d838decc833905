import assert from 'node:assert/strict';
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import {
  LimitedTransport,
  MAX_RETRYING,
  MAX_TRIES,
} from '../../../controller/workqueue/limited-transport.ts';
import { TokenBucket } from '../../../controller/workqueue/token-bucket.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A status, and the value of `Retry-After`. */
type Answer = readonly [status: number, retryAfter?: string | undefined];

const GET = { method: 'GET', path: '/get' } as const;
const POST = { method: 'POST', path: '/post', body: '{}' } as const;
const PUT = { method: 'PUT', path: '/put', body: '{}' } as const;
const WATCH = { method: 'GET', path: '/watch', watch: true } as const;
const BUSY: Answer = [429, '1'];

/**
 * A transport to a server that gives the answers in turn, and then 200, with a body that never ends to a watch. Pauses
 * have no jitter.
 */
class Rig {
  readonly clock = new FakeClock();
  /** The methods of the requests that the server has received. */
  readonly seen: string[] = [];
  readonly observed: (number | undefined)[] = [];
  readonly throttling: string[] = [];
  readonly transport: LimitedTransport;

  private constructor(port: number) {
    const server = `http://127.0.0.1:${port}`;
    const access = { tls: {}, headers: {} };
    const connection = { server, namespace: undefined, access: () => Promise.resolve(access) };
    this.transport = new LimitedTransport(connection, {
      clock: this.clock,
      rate: new TokenBucket(this.clock, { perSecond: 0, capacity: 1 }),
      observe: (_, status) => this.observed.push(status),
      throttling: {
        refused: (status, pause) => this.throttling.push(`${status} ${pause}`),
        answered: () => this.throttling.push('answered'),
      },
      jitter: () => 0,
    });
  }

  static async start(t: TestContext, ...answers: readonly Answer[]): Promise<Rig> {
    const left = [...answers];
    const server = createServer((request, response) => {
      rig.seen.push(request.method ?? '');
      const [status, retryAfter]: Answer = left.shift() ?? [200];
      const headers: OutgoingHttpHeaders = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      response.writeHead(status, headers);
      if (status === 200 && request.url === WATCH.path) response.flushHeaders();
      else response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const rig = new Rig((server.address() as AddressInfo).port);
    t.after(() => {
      rig.transport.close();
      server.closeAllConnections();
      server.close();
    });
    return rig;
  }

  /** Waits for a pause, returns its length in ms, and lets the time pass. */
  async pause(): Promise<number> {
    await this.clock.sleeping();
    const [pause = 0] = this.clock.waiting;
    await this.clock.pass(pause);
    return pause;
  }

  /** Waits for this many pauses, one after the other, and returns their lengths in ms. */
  async pauses(count: number): Promise<number[]> {
    const pauses: number[] = [];
    while (pauses.length < count) pauses.push(await this.pause());
    return pauses;
  }
}

suite('a request that the API server refuses as one too many', () => {
  for (const request of [GET, POST, PUT]) {
    test(`is sent again after the pause: ${request.method}`, async (t) => {
      const rig = await Rig.start(t, [429, '7'], BUSY);
      const answer = rig.transport.request(request);
      assert.deepEqual(await rig.pauses(2), [7_000, 1_000]);
      assert.equal((await answer).status, 200);
      assert.deepEqual(rig.seen, [request.method, request.method, request.method]);
      assert.deepEqual(rig.observed, [429, 429, 200], 'each try is reported');
      assert.deepEqual(rig.throttling, ['429 7000', '429 1000', 'answered']);
    });
  }

  for (const [what, retryAfter, pause] of [
    ['without Retry-After', undefined, 1_000],
    ['with 0 s', '0', 1_000],
    ['with an hour', '3600', 60_000],
    ['with a date', 'Thu, 01 Jan 2026 00:00:00 GMT', 1_000],
    ['with nonsense', '-5', 1_000],
  ] as const) {
    test(`pauses for ${pause / 1000} s ${what}`, async (t) => {
      const rig = await Rig.start(t, [429, retryAfter]);
      const answer = rig.transport.request(POST);
      assert.equal(await rig.pause(), pause);
      assert.equal((await answer).status, 200);
    });
  }

  test('holds the other requests and watches back', async (t) => {
    const rig = await Rig.start(t, BUSY);
    const answers = [rig.transport.request(POST)];
    await rig.clock.sleeping();
    answers.push(rig.transport.request(GET));
    const watch = rig.transport.stream(WATCH);
    await rig.clock.pass(999);
    assert.deepEqual(rig.seen, ['POST']);
    await rig.clock.pass(1);
    await Promise.all(answers);
    (await watch).body.destroy();
    assert.deepEqual(rig.seen.sort(), ['GET', 'GET', 'POST', 'POST']);
  });

  test(`is sent ${MAX_TRIES} times at most, and then the refusal is returned`, async (t) => {
    const rig = await Rig.start(t, ...Array.from({ length: MAX_TRIES + 1 }, () => BUSY));
    const answer = rig.transport.request(POST);
    await rig.pauses(MAX_TRIES - 1);
    const { status, headers, body } = await answer;
    assert.deepEqual([status, headers['retry-after'], body.toString()], [429, '1', '{}']);
    assert.equal(rig.seen.length, MAX_TRIES);
  });

  test('is not sent again when that would take too long', async (t) => {
    const rig = await Rig.start(t, [429, '60'], [429, '60'], [429, '60'], [429, '60']);
    const answer = rig.transport.request(POST);
    const pauses = await rig.pauses(MAX_RETRYING / 60_000);
    assert.equal((await answer).status, 429);
    assert.deepEqual(pauses, [60_000, 60_000]);
    assert.equal(rig.seen.length, pauses.length + 1);
  });

  test('is not sent again once its signal aborts', async (t) => {
    const rig = await Rig.start(t, BUSY);
    const stop = new AbortController();
    const rejected = assert.rejects(rig.transport.request({ ...POST, signal: stop.signal }));
    await rig.clock.sleeping();
    stop.abort();
    await rejected;
    await rig.clock.pass(10_000);
    await rig.transport.request(GET);
    assert.deepEqual(rig.seen, ['POST', 'GET']);
    assert.deepEqual(rig.observed, [429, 200], 'a request that the controller aborts is not reported');
  });
});

suite('an answer of 503', () => {
  test('with Retry-After has a GET sent again', async (t) => {
    const rig = await Rig.start(t, [503, '2']);
    const answer = rig.transport.request(GET);
    assert.equal(await rig.pause(), 2_000);
    assert.equal((await answer).status, 200);
    assert.deepEqual(rig.seen, ['GET', 'GET']);
  });

  test('with Retry-After does not have a write sent again, but causes a pause', async (t) => {
    const rig = await Rig.start(t, [503, '2']);
    assert.equal((await rig.transport.request(POST)).status, 503);
    const answer = rig.transport.request(GET);
    assert.equal(await rig.pause(), 2_000);
    await answer;
    assert.deepEqual(rig.seen, ['POST', 'GET']);
  });

  test('without Retry-After is returned', async (t) => {
    const rig = await Rig.start(t, [503], [503]);
    for (const request of [GET, POST]) assert.equal((await rig.transport.request(request)).status, 503);
    assert.deepEqual(rig.seen, ['GET', 'POST']);
    assert.deepEqual(rig.throttling, ['answered', 'answered']);
  });
});

suite('a stream', () => {
  test('that is refused is not sent again, but causes a pause', async (t) => {
    const rig = await Rig.start(t, [429, '3']);
    const { status, body } = await rig.transport.stream(WATCH);
    assert.equal(status, 429);
    body.destroy();
    const answer = rig.transport.request(GET);
    assert.equal(await rig.pause(), 3_000);
    await answer;
    assert.deepEqual(rig.seen, ['GET', 'GET']);
  });

  test('does not count as running once its head is there', async (t) => {
    // Each refusal halves the limit of 64, until a single request may run at once.
    const rig = await Rig.start(t, ...Array.from({ length: 6 }, () => BUSY));
    while (rig.seen.length < 6) {
      (await rig.transport.stream(WATCH)).body.destroy();
      await rig.clock.pass(1_000);
    }
    const streams = [await rig.transport.stream(WATCH), await rig.transport.stream(WATCH)];
    assert.equal((await rig.transport.request(GET)).status, 200);
    for (const { body } of streams) body.destroy();
  });
});
