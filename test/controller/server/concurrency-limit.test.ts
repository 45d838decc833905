import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ConcurrencyLimit, type Slot } from '../../../controller/server/concurrency-limit.ts';

const MIB = 1024 * 1024;

/** Returns a limit, and the clients whose slots it evicted. */
function limited(): {
  take: (bytes: number, peer: string, forwardedFor?: string) => Slot | undefined;
  cut: string[];
} {
  const limit = new ConcurrencyLimit();
  const cut: string[] = [];
  const take = (bytes: number, peer: string, forwardedFor = ''): Slot | undefined =>
    limit.acquire({ peer, forwardedFor }, bytes, () => void cut.push(peer + forwardedFor));
  return { take, cut };
}

suite('the concurrency limit of requests', () => {
  test('is 4 per client and 16 per peer, and released slots are free again', () => {
    const { take, cut } = limited();
    const many = (peer: string, name: (index: number) => string): Slot[] =>
      Array.from({ length: 100 }, (_, index) => take(0, peer, name(index)) ?? []).flat();
    const first = many('a', () => 'x');
    assert.equal(first.length, 4);
    assert.equal(many('a', String).length, 12);
    first[0]?.release();
    first[0]?.release();
    assert.ok(take(0, 'a', 'x'));
    assert.ok(take(0, 'a', 'y') === undefined);
    assert.deepEqual(cut, []);
  });

  test('is 32 in total, and a peer with fewer slots takes over the newest of the peer with the most', () => {
    const { take, cut } = limited();
    for (const peer of ['a', 'b', 'c']) {
      for (let index = 0; index < 16; index++) take(0, peer, String(Math.floor(index / 4)));
    }
    // A peer loses slots only until both have equally many.
    assert.deepEqual(cut.length, 10);
    assert.ok(cut.every((name) => name !== 'a0' || cut.includes('a1')));
    assert.ok(take(0, 'd') !== undefined);
    assert.equal(cut.length, 11);
    assert.ok(take(0, 'b', 'other') === undefined);
  });

  test('is 8 MiB per client, 16 MiB per peer and 32 MiB in total', () => {
    const { take, cut } = limited();
    const first = take(2 * MIB, 'a');
    assert.ok(first);
    assert.equal(first.resize(8 * MIB), true);
    assert.equal(first.resize(8 * MIB + 1), false);
    assert.ok(take(1, 'a') === undefined);
    assert.ok(take(8 * MIB, 'a', 'other'));
    assert.ok(take(1, 'a', 'third') === undefined);
    for (const name of ['1', '2']) assert.ok(take(8 * MIB, 'b', name));
    assert.deepEqual(cut, []);
    assert.ok(take(1, 'c'));
    assert.deepEqual(cut, ['a']);
    assert.equal(first.resize(1), false);
  });
});
