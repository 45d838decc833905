import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Failure } from '../../shared/errors.ts';
import type { UnsealResult } from '../../shared/seal/unseal.ts';
import type { SealedSecretMetrics, UnsealError } from '../metrics/sealed-secrets.ts';
import { handlingOf } from '../status/outcome.ts';

/** Counts the result of unsealing a SealedSecret: the keys that were used, and the items that failed. */
export function countUnsealed(ref: Ref, result: UnsealResult, metrics: SealedSecretMetrics): void {
  if (result.ok) {
    metrics.opened(ref, result.unsealed.openedBy.values());
    return;
  }
  const { details } = result.failure;
  metrics.opened(ref, [], details.code === 'Unseal' ? details.problems : []);
}

/** Counts a failure under the label value that the reference implementation uses for it. */
export function countFailure(ref: Ref, failure: Failure, metrics: SealedSecretMetrics): void {
  metrics.failed(ref, errorOf(failure));
}

function errorOf(failure: Failure): UnsealError {
  if (failure.code === 'NotManaged') return 'unmanaged';
  return handlingOf(failure).event === 'ErrUnsealFailed' ? 'unseal' : 'update';
}
