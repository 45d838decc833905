/** bcrypt version 2a, as in `golang.org/x/crypto/bcrypt`. */
import { isUtf8 } from 'node:buffer';
import { encodeBase64, hashSync } from 'bcryptjs';

/** The base-2 logarithm of the number of rounds. */
const COST = 10;

/** The length of the salt, in bytes. */
export const SALT_SIZE = 16;
/** The maximum length of a password, in bytes. bcrypt would truncate longer passwords, so they are rejected. */
export const MAX_PASSWORD = 72;

/**
 * Hashes a password of at most 72 bytes with 16 bytes of salt. Returns undefined if the password is not UTF-8,
 * because bcryptjs accepts only text.
 */
export function bcrypt(password: Buffer, salt: Uint8Array): string | undefined {
  if (!isUtf8(password)) return undefined;
  return hashSync(password.toString('utf8'), `$2a$${COST}$${encodeBase64(salt, SALT_SIZE)}`);
}
