/** bcrypt, as `golang.org/x/crypto/bcrypt` makes it: version 2a. */
import { isUtf8 } from 'node:buffer';
import { encodeBase64, hashSync } from 'bcryptjs';

/** The base-2 logarithm of the number of rounds. */
const COST = 10;

export const SALT_SIZE = 16;
/** Longer passwords would be cut, so they are refused. */
export const MAX_PASSWORD = 72;

/**
 * Hashes a password of at most 72 bytes with 16 bytes of salt. Returns undefined for a password that is not UTF-8:
 * bcryptjs takes text only.
 */
export function bcrypt(password: Buffer, salt: Uint8Array): string | undefined {
  if (!isUtf8(password)) return undefined;
  return hashSync(password.toString('utf8'), `$2a$${COST}$${encodeBase64(salt, SALT_SIZE)}`);
}
