import { createHash } from 'node:crypto';
import type { Envelope } from '../../shared/crypto/envelope.ts';
import { counted } from '../../shared/text.ts';

/** As many hexadecimal digits that nobody finds another ciphertext of the same digest to hide a change with. */
const DIGEST_DIGITS = 32;

/** Returns a short digest of a sealed value, the same for every spelling of its base64. */
export function digestOf({ wrappedKey, ciphertext, tag }: Envelope): string {
  const hash = createHash('sha256').update(wrappedKey).update(ciphertext).update(tag);
  return hash.digest('hex').slice(0, DIGEST_DIGITS);
}

/** Returns a number of bytes in words. */
export function inBytes(length: number): string {
  return counted(length, 'byte');
}
