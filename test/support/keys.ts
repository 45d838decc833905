import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseCertificate, type Certificate } from '../../shared/crypto/certificate.ts';
import { selfSign } from '../../shared/crypto/key-pair.ts';
import { privateKeyOf, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { noteSecret } from './secrets-used.ts';

export const DAY = 24 * 3600 * 1000;

/** A new RSA key; 2048 bits, for those of 4096 take seconds. */
export function rsa(bits = 2048, publicExponent = 65537): KeyObject {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent });
  for (const pem of [pkcs1(privateKey), pkcs8(privateKey)]) noteSecret(pem);
  return privateKey;
}

export function pkcs1(key: KeyObject): string {
  return key.export({ type: 'pkcs1', format: 'pem' }).toString();
}

export function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export interface Validity {
  readonly notBefore?: Date;
  readonly validity?: number;
}

/** A certificate of the key, PEM, valid from yesterday for ten days where nothing else is said. */
export function certificateOf(key: KeyObject, { notBefore, validity }: Validity = {}): Promise<string> {
  return selfSign(key, {
    commonName: '',
    notBefore: notBefore ?? new Date(Date.now() - DAY),
    validity: validity ?? 10 * DAY,
  });
}

/** A key to open with, and its certificate to seal with. */
export async function sealingPair(): Promise<{ key: PrivateKey; certificate: Certificate; pem: string }> {
  const key = rsa();
  const certificate = parseCertificate(await certificateOf(key), 'test certificate');
  return { key: await privateKeyOf(key, 'test key'), certificate, pem: pkcs8(key) };
}

/** The same key, which tells of each private operation. */
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
