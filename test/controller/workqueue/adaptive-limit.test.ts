import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AdaptiveLimit } from '../../../controller/workqueue/adaptive-limit.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MOST = 8;

/** A limit whose requests are answered by the test. */
class Rig {
  readonly clock = new FakeClock();
  readonly limit: AdaptiveLimit;
  /** The names of the requests that were sent, in their order. */
  readonly sent: string[] = [];
  readonly #answers = new Map<string, (pause: number | undefined) => void>();

  constructor(jitter = 0) {
    this.limit = new AdaptiveLimit({ clock: this.clock, most: MOST, jitter: () => jitter });
  }

  /** Makes a request, and resolves with the pause that its answer asked for. */
  request(name: string, signal?: AbortSignal): Promise<number | undefined> {
    const send = (): Promise<number | undefined> => {
      this.sent.push(name);
      return new Promise((resolve) => this.#answers.set(name, resolve));
    };
    return this.limit.run(send, (pause) => pause, signal);
  }

  /** Makes requests with these names, and lets those run that may. */
  async requests(names: string): Promise<void> {
    for (const name of names) void this.request(name);
    await this.clock.pass(0);
  }

  /** Answers a request, asking for a pause in ms if one is given. */
  async answer(name: string, pause?: number): Promise<void> {
    const answer = this.#answers.get(name) ?? assert.fail(`${name} was not sent`);
    this.#answers.delete(name);
    answer(pause);
    await this.clock.pass(0);
  }

  /** Makes requests one after the other that are answered at once. */
  async succeed(times: number): Promise<void> {
    const send = (): Promise<void> => Promise.resolve();
    for (let i = 0; i < times; i++) await this.limit.run(send, () => undefined);
  }

  get shown(): string {
    return this.sent.join('');
  }
}

suite('an adaptive limit', () => {
  test('runs as many requests as it may at once, and the others in their order', async () => {
    const rig = new Rig();
    await rig.requests('abcdefghijkl');
    assert.equal(rig.shown, 'abcdefgh');
    await rig.answer('c');
    await rig.answer('a');
    assert.equal(rig.shown, 'abcdefghij');
  });

  test('sends nothing while the server asks for a pause, and then half as many at once', async () => {
    const rig = new Rig();
    await rig.requests('ab');
    await rig.answer('a', 2_000);
    await rig.requests('cdefgh');
    assert.equal(rig.limit.pause, 2_000);
    await rig.clock.pass(1_999);
    assert.equal(rig.shown, 'ab');
    await rig.clock.pass(1);
    // With b, which runs since before the pause.
    assert.equal(rig.shown, 'abcde');
    await rig.answer('b');
    assert.equal(rig.shown, 'abcdef');
  });

  test('pauses at most a quarter longer than asked for', async () => {
    for (const [jitter, pause] of [
      [0, 2_000],
      [1, 2_500],
    ] as const) {
      const rig = new Rig(jitter);
      await rig.requests('a');
      await rig.answer('a', 2_000);
      assert.equal(rig.limit.pause, pause);
    }
  });

  test('halves once for all requests that were sent before it was halved, however late their answers come', async () => {
    const rig = new Rig();
    await rig.requests('abcd');
    await rig.answer('a', 1_000);
    await rig.answer('b', 1_000);
    await rig.clock.pass(1_000);
    await rig.answer('c', 1_000);
    assert.equal(rig.limit.limit, 4);
    assert.equal(rig.limit.pause, 1_000, 'a late refusal pauses too');
    await rig.clock.pass(1_000);
    await rig.requests('e');
    await rig.answer('e', 1_000);
    assert.equal(rig.limit.limit, 2);
  });

  test('waits for the longest of the pauses that the answers ask for', async () => {
    const rig = new Rig();
    await rig.requests('abc');
    await rig.answer('a', 1_000);
    await rig.answer('b', 5_000);
    await rig.answer('c', 1_000);
    await rig.requests('d');
    await rig.clock.pass(1_000);
    assert.equal(rig.shown, 'abc');
    await rig.clock.pass(4_000);
    assert.equal(rig.shown, 'abcd');
  });

  test('sleeps on when a later answer prolongs the pause', async () => {
    const rig = new Rig();
    await rig.requests('ab');
    await rig.answer('a', 1_000);
    await rig.requests('c');
    await rig.answer('b', 5_000);
    await rig.clock.pass(1_000);
    assert.deepEqual([rig.shown, rig.clock.waiting], ['ab', [4_000]]);
    await rig.clock.pass(4_000);
    assert.equal(rig.shown, 'abc');
  });

  test('always lets one request run', async () => {
    const rig = new Rig();
    for (let i = 0; i < 10; i++) {
      await rig.requests('ab');
      assert.equal(rig.sent.splice(0).length, Math.min(2, rig.limit.limit));
      await rig.answer('a', 1_000);
      await rig.clock.pass(1_000);
      await rig.answer('b');
      rig.sent.length = 0;
    }
    assert.equal(rig.limit.limit, 1);
  });

  test('grows by one with each fifty answers, up to its maximum', async () => {
    const rig = new Rig();
    await rig.requests('a');
    await rig.answer('a', 1_000);
    await rig.clock.pass(1_000);
    assert.equal(rig.limit.limit, 4);
    await rig.succeed(45);
    assert.equal(rig.limit.limit, 4);
    await rig.succeed(10);
    assert.equal(rig.limit.limit, 5);
    await rig.succeed(1_000);
    await rig.requests('abcdefghij');
    assert.equal(rig.shown.slice(1), 'abcdefgh');
  });

  test('makes room when a request fails, and does not grow', async () => {
    const rig = new Rig();
    const failing = (): Promise<never> => Promise.reject(new Error('no answer'));
    for (let i = 0; i < MOST * 2; i++) {
      await assert.rejects(
        rig.limit.run(failing, () => undefined),
        /no answer/,
      );
    }
    await rig.requests('ab');
    assert.equal(rig.shown, 'ab');
  });

  test('rejects a waiting request when its signal aborts, and lets the others run', async () => {
    const rig = new Rig();
    await rig.requests('a');
    await rig.answer('a', 1_000);
    const stop = new AbortController();
    const aborted = assert.rejects(rig.request('b', stop.signal));
    await rig.requests('c');
    stop.abort();
    await aborted;
    await rig.clock.pass(1_000);
    assert.equal(rig.shown, 'ac');
    await assert.rejects(rig.request('d', stop.signal), 'an aborted signal');
  });

  test('sleeps only as long as a request waits, so that a process that stops can end', async () => {
    const rig = new Rig();
    await rig.requests('a');
    await rig.answer('a', 60_000);
    assert.deepEqual(rig.clock.waiting, []);
    const stops = [new AbortController(), new AbortController()];
    const aborted = stops.map(({ signal }) => assert.rejects(rig.request('b', signal)));
    assert.deepEqual(rig.clock.waiting, [60_000]);
    for (const stop of stops) stop.abort();
    await Promise.all(aborted);
    assert.deepEqual(rig.clock.waiting, []);
    await rig.requests('c');
    await rig.clock.pass(60_000);
    assert.equal(rig.shown, 'ac');
  });
});
