import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { selfSign } from '../../shared/crypto/key-pair.ts';
import { privateKeyOf, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { pooledKey } from './key-pool.ts';
import { noteSecret } from './secrets-used.ts';

/** A day, in ms. */
export const DAY = 24 * 3600 * 1000;

/** Returns an RSA key that nothing else in this process has; 2048 bits by default, because 4096 bits take seconds. */
export function rsa(bits = 2048, publicExponent = 65537): KeyObject {
  const pooled = bits === 2048 && publicExponent === 65537 ? pooledKey() : undefined;
  const privateKey = pooled ?? generateKeyPairSync('rsa', { modulusLength: bits, publicExponent }).privateKey;
  for (const pem of [pkcs1(privateKey), pkcs8(privateKey)]) noteSecret(pem);
  return privateKey;
}

/** Encodes a private key as PEM in PKCS#1. */
export function pkcs1(key: KeyObject): string {
  return key.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** Encodes a private key as PEM in PKCS#8. */
export function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The period of validity of a certificate. */
export interface Validity {
  readonly notBefore?: Date;
  readonly validity?: number;
}

/** Issues a certificate for the key, as PEM; by default it is valid from yesterday for ten days. */
export function certificateOf(key: KeyObject, { notBefore, validity }: Validity = {}): Promise<string> {
  return Promise.resolve(
    selfSign(key, {
      commonName: '',
      notBefore: notBefore ?? new Date(Date.now() - DAY),
      validity: validity ?? 10 * DAY,
    }),
  );
}

/** Generates a key to decrypt with, and its certificate to seal with. */
export async function sealingPair(): Promise<{ key: PrivateKey; certificate: Certificate; pem: string }> {
  const key = rsa();
  const certificate = parseCertificate(await certificateOf(key), 'test certificate');
  return { key: await privateKeyOf(key, 'test key'), certificate, pem: pkcs8(key) };
}

/** Returns the same key, which reports each private operation. */
export function watched(key: PrivateKey, used: () => void): PrivateKey {
  return {
    ...key,
    decryptionKey: {
      decrypt: (ciphertext, label) => {
        used();
        return key.decryptionKey.decrypt(ciphertext, label);
      },
    },
  };
}
