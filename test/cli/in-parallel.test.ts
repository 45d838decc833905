import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fail } from '../../cli/errors.ts';
import { SeveralFailures } from '../../cli/for-each.ts';
import { inParallel } from '../../cli/in-parallel.ts';

const GONE = { code: 'ControllerRefused', namespace: 'a', name: 'b', reason: 'gone' } as const;

/** Resolves when the work of other elements had a turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

suite('work in parallel', () => {
  test('runs for as many elements at once as it may, and for each of them once', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    const all = Array.from({ length: 20 }, (_, index) => index);
    const failures = await inParallel(all, 3, async (one) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      done.push(one);
    });
    assert.deepEqual([failures, most, done.toSorted((a, b) => a - b)], [[], 3, all]);
  });

  test('goes on after failures, and returns them in the order of the elements', async () => {
    const done: string[] = [];
    const failures = await inParallel(['a', 'b', 'c', 'd'], 4, async (one) => {
      // The first one fails last.
      if (one === 'a') for (let i = 0; i < 5; i++) await turn();
      done.push(one);
      if (one !== 'c') fail({ code: 'Usage', problem: one });
    });
    assert.deepEqual(
      failures.map((failure) => failure.describe()),
      ['a', 'b', 'd'],
    );
    assert.deepEqual(done, ['b', 'c', 'd', 'a']);
  });

  test('ends after a failure that would repeat, once what has begun is done', async () => {
    const done: number[] = [];
    const work = async (one: number): Promise<void> => {
      await turn();
      done.push(one);
      if (one === 1) fail(GONE);
    };
    await assert.rejects(inParallel([0, 1, 2, 3, 4, 5], 2, work), (error) => {
      assert.ok(error instanceof SeveralFailures);
      assert.deepEqual(
        error.failures.map(({ code }) => code),
        ['ControllerRefused'],
      );
      return true;
    });
    assert.deepEqual(done, [0, 1, 2]);
  });

  test('throws other errors', async () => {
    const work = (): Promise<void> => Promise.reject(new TypeError('a mistake'));
    await assert.rejects(inParallel([1, 2], 1, work), TypeError);
  });
});
