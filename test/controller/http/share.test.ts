import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Places } from '../../../controller/http/places.ts';
import { Share } from '../../../controller/http/share.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const NEVER = new AbortController().signal;
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

suite('the share of requests', () => {
  test('is one piece of work at a time, in the order of asking', async () => {
    const share = new Share(new FakeClock());
    const done: number[] = [];
    let running = 0;
    await Promise.all(
      [1, 2, 3, 4].map((index) =>
        share.turn(async () => {
          assert.equal(++running, 1);
          await soon();
          running--;
          done.push(index);
        }),
      ),
    );
    assert.deepEqual(done, [1, 2, 3, 4]);
  });

  test('leaves as much time as it took', async () => {
    const clock = new FakeClock();
    const share = new Share(clock);
    const began: number[] = [];
    const start = clock.now().getTime();
    const work = async (): Promise<void> => {
      began.push(clock.now().getTime() - start);
      await clock.sleep(100, NEVER);
    };
    const all = Promise.all([share.turn(work), share.turn(work), share.turn(work)]);
    await soon();
    for (let passed = 0; passed < 600; passed += 10) {
      await clock.pass(10);
      await soon();
    }
    await all;
    assert.deepEqual(began, [0, 200, 400]);
  });

  test('goes on after work that fails', async () => {
    const share = new Share(new FakeClock());
    await assert.rejects(
      share.turn(() => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await share.turn(() => Promise.resolve(1)), 1);
  });
});

suite('the places of requests', () => {
  test('are 4 for a client, 16 for a peer and 32 in all, and come back', () => {
    const places = new Places();
    const take = (peer: string, forwardedFor: string): (() => void) | undefined =>
      places.take({ peer, forwardedFor });
    const many = (count: number, peer: string, forwardedFor: (index: number) => string): (() => void)[] =>
      Array.from({ length: count }, (_, index) => take(peer, forwardedFor(index)) ?? []).flat();
    const first = many(10, 'a', () => 'x');
    assert.equal(first.length, 4);
    assert.equal(many(100, 'a', String).length, 12);
    assert.equal(many(100, 'b', String).length, 16);
    assert.equal(take('c', ''), undefined);
    first[0]?.();
    assert.equal(take('b', ''), undefined);
    const again = take('c', '');
    assert.ok(again);
    assert.equal(take('c', ''), undefined);
    for (const leave of [again, ...first.slice(1)]) leave();
    assert.equal(many(10, 'c', () => '').length, 4);
  });
});
