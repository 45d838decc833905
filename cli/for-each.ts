import { failureOf, SealedSecretsError, type Failure } from '../shared/errors.ts';

/** The failures of several documents, each to be reported. */
export class SeveralFailures extends Error {
  readonly failures: readonly Failure[];
  /** A line to print after them. */
  readonly summary: string | undefined;

  constructor(failures: readonly Failure[], summary?: string) {
    super(`${failures.length} failures`);
    this.failures = failures;
    this.summary = summary;
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

/** Returns the failures in an error. Undefined for an error that is not about the input. */
export function failuresIn(error: unknown): readonly Failure[] | undefined {
  if (error instanceof SeveralFailures) return error.failures;
  return error instanceof SealedSecretsError ? [error.failure] : undefined;
}

/** Whether every other element would fail in the same way. */
export function affectsAll({ code }: Failure): boolean {
  return ['NoSuchService', 'ServiceRefused', 'ControllerRefused', 'NoCluster', 'BadKubeconfig'].includes(
    code,
  );
}
