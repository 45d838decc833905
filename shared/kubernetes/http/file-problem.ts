import { failureOf, SealedSecretsError, type Failure } from '../../errors.ts';
import { fileFailure, systemReason } from '../../file-errors.ts';

/** Returns why a file that a kubeconfig or a flag names cannot be read, and whether it does not exist. */
export function fileProblem(path: string, error: unknown): { missing: boolean; failure: Failure } {
  if (error instanceof SealedSecretsError || !(error instanceof Error && 'code' in error)) {
    return { missing: false, failure: failureOf(error, 'reading a file') };
  }
  const code = String(error.code);
  if (code === 'ENOENT') return { missing: true, failure: fileFailure({ code: 'NoSuchFile', path }) };
  return {
    missing: false,
    failure: fileFailure({ code: 'UnreadableFile', path, reason: systemReason(code) }),
  };
}
