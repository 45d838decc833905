import { failureOf, SealedSecretsError, type Failure } from '../shared/errors.ts';

/** The failures of several documents, each to be reported. */
export class SeveralFailures extends Error {
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super(`${failures.length} failures`);
    this.failures = failures;
  }
}

/**
 * Runs `work` for each element in turn and returns the results. Continues after a failure and throws `SeveralFailures`
 * at the end, so that one run reports everything that is wrong. Throws other errors, and failures that would repeat for
 * every element, at once.
 */
export async function forEach<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: Failure[] = [];
  for (const one of all) {
    try {
      results.push(await work(one));
    } catch (error) {
      if (!(error instanceof SealedSecretsError) || affectsAll(error.failure)) throw error;
      failures.push(failureOf(error, 'kubeseal'));
    }
  }
  if (failures.length > 0) throw new SeveralFailures(failures);
  return results;
}

/** Whether every other element would fail in the same way. */
function affectsAll({ code }: Failure): boolean {
  return ['NoSuchService', 'ServiceRefused', 'ControllerRefused', 'NoCluster', 'BadKubeconfig'].includes(
    code,
  );
}
