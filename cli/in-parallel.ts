import type { Failure } from '../shared/errors.ts';
import { affectsAll, failuresIn, SeveralFailures } from './for-each.ts';

/**
 * Runs `work` for each element, for `limit` of them at once, and returns the failures in the order of the elements.
 * Throws other errors. Throws `SeveralFailures` after a failure that would repeat for every element, once the work that
 * has begun is done.
 */
export async function inParallel<T>(
  all: readonly T[],
  limit: number,
  work: (one: T) => Promise<void>,
): Promise<readonly Failure[]> {
  const failures = new Map<number, readonly Failure[]>();
  const inOrder = (): readonly Failure[] =>
    [...failures].sort(([a], [b]) => a - b).flatMap(([, each]) => each);
  const elements = all.entries();
  const state: { isOver: boolean; errors: Error[] } = { isOver: false, errors: [] };
  const worker = async (): Promise<void> => {
    for (const [index, one] of elements) {
      if (state.isOver) return;
      try {
        await work(one);
      } catch (error) {
        const own = failuresIn(error);
        if (own !== undefined) failures.set(index, own);
        else state.errors.push(error instanceof Error ? error : new Error('unknown error'));
        state.isOver ||= own === undefined || own.some(affectsAll);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  const [error] = state.errors;
  if (error !== undefined) throw error;
  if (state.isOver) throw new SeveralFailures(inOrder());
  return inOrder();
}
