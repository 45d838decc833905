import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { fail } from './errors.ts';
import { formatFingerprint, sshWireFormat, type Fingerprint } from './fingerprint.ts';
import type { PublicKey } from './public-key.ts';
import { sealValue } from './seal-value.ts';
import { checkedSize, checkStrength, type RsaSize } from './strength.ts';

/**
 * Returns the size and the exponent of a public key. Throws `NotRsa`, and `HugeKey` or `WeakExponent` for a key with
 * numbers so large that using it would block other work.
 */
export function checkRsa(publicKey: KeyObject, at: string): RsaSize {
  const type = publicKey.asymmetricKeyType ?? 'unknown';
  // `rsa-pss` keys are for signatures only.
  if (type !== 'rsa') fail({ code: 'NotRsa', at, type });
  // Not from `asymmetricKeyDetails`: Node takes minutes to convert a large exponent.
  const numbers = numbersOf(publicKey);
  clearOpenSslErrors();
  return checkedSize(numbers, at);
}

/**
 * Returns the public key of an RSA key. Throws `WeakKey` or `WeakExponent` for a key that is too weak to seal with, and
 * the errors of `checkRsa`.
 */
export function strongPublicKey(key: KeyObject, at: string): PublicKey {
  const size = checkRsa(key, at);
  checkStrength(size, at);
  return {
    modulus: modulusOf(key),
    exponent: size.exponent,
    sealValue: (value, label) => Promise.resolve(sealValue(value, key, label)),
  };
}

/** Returns the modulus of an RSA key, big-endian, without leading zeros. */
export function modulusOf(publicKey: KeyObject): Buffer {
  return numbersOf(publicKey).modulus;
}

/** Returns the fingerprint of an RSA public key. */
export function fingerprint(publicKey: KeyObject): Fingerprint {
  const { exponent, modulus } = numbersOf(publicKey);
  return formatFingerprint(createHash('sha256').update(sshWireFormat(exponent, modulus)).digest());
}

/** Returns the numbers of an RSA public key, big-endian, without leading zeros. */
function numbersOf(publicKey: KeyObject): { readonly exponent: Buffer; readonly modulus: Buffer } {
  const { e = '', n = '' } = publicKey.export({ format: 'jwk' });
  return { exponent: Buffer.from(e, 'base64url'), modulus: Buffer.from(n, 'base64url') };
}

/**
 * Clears OpenSSL's error queue. Node 24 leaves an error in it when it reads a key with a number of more than 16,384 bits.
 * The next operation of the thread would fail with that error, and with it any TLS connection.
 */
function clearOpenSslErrors(): void {
  try {
    createPublicKey('');
  } catch {
    // Not a key. Node clears the queue before it throws.
  }
}
