import { SealedSecretsError } from '../../shared/errors.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { fail } from '../errors.ts';

/** What RBAC has to allow for a request. */
export interface Right {
  readonly verb: 'create' | 'get' | 'list' | 'patch' | 'update';
  readonly resource: 'secrets' | 'configmaps' | 'sealedsecrets.bitnami.com';
  /** Undefined for all namespaces. */
  readonly namespace: string | undefined;
}

/** Whether `allowed` threw an error because RBAC refused a request. */
export function isNotAllowed(error: unknown): error is SealedSecretsError {
  return error instanceof SealedSecretsError && error.failure.code === 'NotAllowed';
}

/** Runs a request. Throws `NotAllowed`, which names the missing right, if RBAC refuses it. */
export async function allowed<T>(right: Right, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return fail({ code: 'NotAllowed', ...right });
  }
}
