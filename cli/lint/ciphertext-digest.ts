import { createHash } from 'node:crypto';
import { decodeBase64 } from '../../shared/api/base64.ts';
import { shortHash } from '../../shared/seal/recorded-place.ts';

/**
 * Returns what `ciphertextDigest` does, at once. That one hashes on another thread, as browsers do, and waiting for the
 * thread takes most of the time of a check.
 */
export function digestOf(ciphertext: string | null): string | undefined {
  if (ciphertext === null) return undefined;
  const decoded = decodeBase64(ciphertext);
  return decoded.ok ? shortHash(createHash('sha256').update(decoded.bytes).digest()) : undefined;
}
