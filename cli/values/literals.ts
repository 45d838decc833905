import { usageError } from '../flags/usage-error.ts';

/**
 * Splits `KEY=VALUE` at the first `=`, as kubectl does. Throws `Usage`, without the text, which may be a value.
 *
 * @param flag the name of the flag, without dashes
 */
export function splitPair(text: string, flag: string): readonly [key: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) return usageError(`--${flag} must be KEY=VALUE, with a key before the "="`);
  return [text.slice(0, at), text.slice(at + 1)];
}
