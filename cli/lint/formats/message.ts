import { describeForUser } from '../../errors.ts';
import type { Failure } from '../../../shared/errors.ts';
import { escaped } from '../../../shared/text.ts';
import type { Finding } from '../problem.ts';

/** Returns a finding in one line, without its place. */
export function messageOf({ object, message, advice }: Finding): string {
  const whole = object === undefined || object === '' ? message : `${object}: ${message}`;
  return escaped(`${whole}; ${advice}`);
}

/** Returns in one line what could not be checked. */
export function uncheckedMessage(failure: Failure): string {
  return `could not check: ${describeForUser(failure).replaceAll('\n', '; ')}`;
}
