import { createPrivateKey, createPublicKey, webcrypto, type KeyObject } from 'node:crypto';
import { fail } from '../errors.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { firstPem } from './pem.ts';
import { checkRsa } from './rsa.ts';

/** An RSA private key, ready to open envelopes. The key itself cannot be exported from it. */
export interface PrivateKey {
  readonly fingerprint: Fingerprint;
  readonly publicKey: KeyObject;
  /** Length of the modulus, and so of every RSA ciphertext for this key, in bytes. */
  readonly modulusBytes: number;
  readonly decryptionKey: webcrypto.CryptoKey;
}

const PEM_TYPES = ['RSA PRIVATE KEY', 'PRIVATE KEY'];

/** Whether the text holds a PEM private key, PKCS#1 or PKCS#8 (RFC 7468). */
export function holdsPrivateKey(text: string): boolean {
  return firstPem(text, PEM_TYPES) !== undefined;
}

/** Reads the first PEM private key of the text. Throws `NotAPrivateKey`, `NotRsa` or `HugeKey`. */
export async function parsePrivateKey(text: string, at: string): Promise<PrivateKey> {
  const pem = firstPem(text, PEM_TYPES) ?? fail({ code: 'NotAPrivateKey', at });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return fail({ code: 'NotAPrivateKey', at });
  }
  return privateKeyOf(key, at);
}

export async function privateKeyOf(key: KeyObject, at: string): Promise<PrivateKey> {
  const { bits } = checkRsa(key, at);
  const publicKey = createPublicKey(key);
  return {
    fingerprint: fingerprint(publicKey),
    publicKey,
    modulusBytes: Math.ceil(bits / 8),
    decryptionKey: await webcrypto.subtle.importKey(
      'pkcs8',
      key.export({ type: 'pkcs8', format: 'der' }),
      { name: 'RSA-OAEP', hash: 'SHA-256' },
      false,
      ['decrypt'],
    ),
  };
}
