import { createPublicKey, type KeyObject } from 'node:crypto';
import { fail } from './errors.ts';

const MIN_BITS = 2048;
const MAX_BITS = 16384;

/**
 * Throws `NotRsa`, or `HugeKey` for a key so large that using it would block other work. Accepts both halves of a key.
 */
export function checkRsa(key: KeyObject, at: string): { bits: number; exponent: bigint } {
  const type = key.asymmetricKeyType ?? 'unknown';
  const { modulusLength: bits, publicExponent: exponent } = key.asymmetricKeyDetails ?? {};
  clearOpenSslErrors();
  // `rsa-pss` keys are for signatures only.
  if (type !== 'rsa' || bits === undefined || exponent === undefined)
    return fail({ code: 'NotRsa', at, type });
  if (bits > MAX_BITS) fail({ code: 'HugeKey', at, bits });
  return { bits, exponent };
}

/**
 * Throws `WeakKey` or `WeakExponent` for a key that is too weak to seal with, and the errors of `checkRsa`. Node
 * accepts any size, and even e = 1, which does not encrypt at all.
 */
export function checkStrongRsa(key: KeyObject, at: string): { exponent: bigint } {
  const { bits, exponent } = checkRsa(key, at);
  if (bits < MIN_BITS) fail({ code: 'WeakKey', at, bits });
  if (exponent < 3n || exponent % 2n === 0n) fail({ code: 'WeakExponent', at });
  return { exponent };
}

/** Returns the modulus of an RSA key, big-endian, without leading zeros. */
export function modulusOf(publicKey: KeyObject): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
}

/**
 * Clears OpenSSL's error queue. Node 24 leaves an error in it when it reads the details of a key with a number of more
 * than 16,384 bits. The next operation of the thread would fail with that error, and with it any TLS connection.
 */
function clearOpenSslErrors(): void {
  try {
    createPublicKey('');
  } catch {
    // Not a key. Node clears the queue before it throws.
  }
}
