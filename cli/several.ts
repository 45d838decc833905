import { failureOf, SealedSecretsError, type Failure } from '../shared/errors.ts';

/** Failures of several documents, each of them to be told. */
export class SeveralFailures extends Error {
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super(`${failures.length} failures`);
    this.failures = failures;
  }
}

/**
 * Does the same to each one in turn and gives the results; goes on after a failure, and throws `SeveralFailures` at
 * the end, so that one run tells everything that is wrong. What is no failure of ours stops it at once.
 */
export async function forEach<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: Failure[] = [];
  for (const one of all) {
    try {
      results.push(await work(one));
    } catch (error) {
      if (!(error instanceof SealedSecretsError) || isOfAll(error.failure)) throw error;
      failures.push(failureOf(error, 'kubeseal'));
    }
  }
  if (failures.length > 0) throw new SeveralFailures(failures);
  return results;
}

/** What would fail for every other one as well. */
function isOfAll({ code }: Failure): boolean {
  return ['NoSuchService', 'ServiceRefused', 'ControllerRefused', 'NoCluster', 'BadKubeconfig'].includes(
    code,
  );
}
