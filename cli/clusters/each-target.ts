import type { Failure } from '../../shared/errors.ts';
import { cliFailure, describeForUser } from '../errors.ts';
import { failuresIn, SeveralFailures } from '../for-each.ts';
import type { Target } from './targets.ts';

/**
 * Does something for each target, in turn, and returns the results. Continues after a failure and throws
 * `SeveralFailures` at the end. If there are clusters to choose from, each failure names its own.
 */
export async function eachTarget<T extends Pick<Target<unknown>, 'cluster'>, R>(
  targets: readonly T[],
  work: (target: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const failures: Failure[] = [];
  for (const target of targets) {
    const { cluster } = target;
    try {
      results.push(await work(target));
    } catch (error) {
      const own = failuresIn(error);
      if (own === undefined || cluster === undefined) throw error;
      failures.push(...own.map((failure) => inCluster(cluster, failure)));
    }
  }
  if (failures.length > 0) throw new SeveralFailures(failures);
  return results;
}

function inCluster(cluster: string, failure: Failure): Failure {
  return cliFailure({ code: 'InCluster', cluster, problem: describeForUser(failure) });
}
