import { allPem } from './pem.ts';

/** The PEM types of private keys that may be RSA: PKCS#1 and PKCS#8. */
export const PRIVATE_KEY_TYPES = ['RSA PRIVATE KEY', 'PRIVATE KEY'];
/** The PEM type of an encrypted private key (PKCS#8). */
export const ENCRYPTED_KEY_TYPE = 'ENCRYPTED PRIVATE KEY';
/** PEM types of keys that are not RSA, and OpenSSL's names for them. */
export const OTHER_KEY_TYPES: readonly [string, string][] = [
  ['EC PRIVATE KEY', 'ec'],
  ['DSA PRIVATE KEY', 'dsa'],
  ['OPENSSH PRIVATE KEY', 'openssh'],
];

/**
 * Returns the PEM blocks (RFC 7468) of all private keys in a text, including encrypted keys and keys that are not RSA.
 */
export function privateKeyBlocks(text: string): string[] {
  return allPem(text, [...PRIVATE_KEY_TYPES, ENCRYPTED_KEY_TYPE, ...OTHER_KEY_TYPES.map(([type]) => type)]);
}
