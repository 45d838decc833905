import { type Failure } from '../../shared/errors.ts';
import { handlingOf } from './outcome.ts';
import { isKubernetesFailure } from '../../shared/kubernetes/errors.ts';

/**
 * Returns the cause of a failure that other objects may share, such as an exceeded quota, a policy, missing permissions
 * or an unreachable API server. Returns undefined if the failure concerns this object alone or a retry cannot fix it.
 *
 * The text names no object: `create Secret: 403 Forbidden: the ResourceQuota team is exceeded`.
 */
export function outageOf(failure: Failure): string | undefined {
  if (!isKubernetesFailure(failure)) return undefined;
  const { details } = failure;
  switch (details.code) {
    case 'Unreachable':
      return 'cannot reach the API server';
    case 'NoCredentials':
    case 'NoToken':
      return 'no credentials for the API server';
    case 'ApiRefused': {
      const { what, status, reason, cause } = details;
      // A conflict concerns one object.
      if (status === 409 || handlingOf(failure).retryOn !== 'time') return undefined;
      const verbAndKind = what.slice(0, what.lastIndexOf(' '));
      const response = [String(status), reason].filter((word) => word !== '').join(' ');
      return [verbAndKind, response, cause].filter((part) => part !== undefined).join(': ');
    }
    default:
      return undefined;
  }
}
