import assert from 'node:assert/strict';
import { SealedSecretsError } from '../../library/index.ts';

/** Checks that a call of the library fails with a code, and returns the error. */
export async function rejectsWith(
  code: string,
  call: Promise<unknown>,
  { message = /./ }: { readonly message?: RegExp } = {},
): Promise<SealedSecretsError> {
  const error = await call.then(
    () => assert.fail(`resolved, and did not fail with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SealedSecretsError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return error;
}
