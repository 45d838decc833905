import type { Failure } from '../../shared/errors.ts';
import { handlingOf } from './outcome.ts';

/**
 * Returns what failures with a common cause share, such as an exceeded quota, a policy, missing rights or an API server
 * that cannot be reached. Returns undefined for a failure that is the object's own, or that time does not heal.
 *
 * The text names no SealedSecret: `create Secret: 403 Forbidden: the ResourceQuota team is exceeded`.
 */
export function outageOf(failure: Failure): string | undefined {
  switch (failure.code) {
    case 'Unreachable':
      return 'the API server cannot be reached';
    case 'NoCredentials':
      return 'there are no credentials for the API server';
    case 'ApiRefused': {
      const { what, status, reason, cause } = failure;
      // A conflict is about one object.
      if (status === 409 || handlingOf(failure).retryOn !== 'time') return undefined;
      const verbAndKind = what.slice(0, what.lastIndexOf(' '));
      const words = [String(status), reason].filter((word) => word !== '').join(' ');
      return [verbAndKind, words, cause].filter((part) => part !== undefined).join(': ');
    }
    default:
      return undefined;
  }
}
