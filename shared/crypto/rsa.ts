import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { fail } from './errors.ts';
import { formatFingerprint, sshWireFormat, type Fingerprint } from './fingerprint.ts';
import type { PublicKey } from './public-key.ts';
import { sealValue } from './seal-value.ts';
import { checkSize, checkStrength } from './strength.ts';

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
  checkSize(bits, at);
  return { bits, exponent };
}

/**
 * Returns the public key of an RSA key. Throws `WeakKey` or `WeakExponent` for a key that is too weak to seal with, and
 * the errors of `checkRsa`.
 */
export function strongPublicKey(key: KeyObject, at: string): PublicKey {
  const { bits, exponent } = checkRsa(key, at);
  checkStrength({ bits, exponent }, at);
  return {
    modulus: modulusOf(key),
    exponent,
    sealValue: (value, label) => Promise.resolve(sealValue(value, key, label)),
  };
}

/** Returns the modulus of an RSA key, big-endian, without leading zeros. */
export function modulusOf(publicKey: KeyObject): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
}

/** Returns the fingerprint of an RSA public key. */
export function fingerprint(publicKey: KeyObject): Fingerprint {
  const { e = '', n = '' } = publicKey.export({ format: 'jwk' });
  const wire = sshWireFormat(Buffer.from(e, 'base64url'), Buffer.from(n, 'base64url'));
  return formatFingerprint(createHash('sha256').update(wire).digest());
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
