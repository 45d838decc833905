import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ByteBudget, type Hold } from '../../../controller/server/byte-budget.ts';

/** Returns a budget of 100 bytes, 50 per peer, and the names of the holds that it evicted. */
function budget(): {
  hold: (peer: string, client: string, bytes: number) => Hold;
  cut: string[];
  total: () => number;
} {
  const cut: string[] = [];
  const bytes = new ByteBudget({ total: 100, perPeer: 50 });
  let count = 0;
  const hold = (peer: string, forwardedFor: string, size: number): Hold => {
    const name = `${peer}${forwardedFor}${++count}`;
    const held = bytes.hold({ peer, forwardedFor }, () => void cut.push(name));
    held.grow(size);
    return held;
  };
  return { hold, cut, total: () => bytes.total };
}

suite('a byte budget', () => {
  test('evicts the oldest hold of the heaviest client of a peer that exceeds its share', () => {
    const { hold, cut, total } = budget();
    hold('a', 'greedy', 20);
    hold('a', 'modest', 15);
    hold('a', 'greedy', 10);
    assert.deepEqual(cut, []);
    hold('a', 'new', 10);
    assert.deepEqual(cut, ['agreedy1']);
    assert.equal(total(), 35);
  });

  test('evicts holds of the heaviest peer when the total is exceeded, and never the new one', () => {
    const { hold, cut } = budget();
    hold('b', '', 50);
    for (const client of ['1', '2', '3', '4']) hold('a', client, 10);
    hold('c', '', 10);
    hold('d', '', 10);
    assert.deepEqual(cut, ['b1']);
  });

  test('limits a peer that invents clients to its share', () => {
    const { hold, cut, total } = budget();
    hold('b', '', 40);
    for (let index = 0; index < 1_000; index++) hold('a', String(index), 1);
    assert.equal(total(), 90);
    assert.equal(cut.filter((name) => name.startsWith('b')).length, 0);
    assert.equal(cut.length, 950);
  });

  test('no longer counts or evicts a released hold', () => {
    const { hold, cut, total } = budget();
    const first = hold('a', '', 40);
    first.release();
    first.release();
    first.grow(1_000);
    assert.equal(total(), 0);
    hold('a', '', 45);
    assert.deepEqual([cut, total()], [[], 45]);
  });

  test('keeps a single hold of any size, and evicts it in favour of others', () => {
    const { hold, cut } = budget();
    hold('a', '', 1_000);
    assert.deepEqual(cut, []);
    hold('b', '', 10);
    assert.deepEqual(cut, ['a1']);
  });
});
