import {
  constants,
  createPrivateKey,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { fail } from '../errors.ts';
import { DecryptionKey } from './decryption-key.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { allPem, firstPem } from './pem.ts';
import { checkRsa } from './rsa.ts';

/** An RSA private key, ready to open envelopes. The key itself cannot be exported from it. */
export interface PrivateKey {
  readonly fingerprint: Fingerprint;
  readonly publicKey: KeyObject;
  /** Big-endian. Every RSA ciphertext for this key is as long, and a smaller number. */
  readonly modulus: Buffer;
  readonly decryptionKey: Pick<DecryptionKey, 'decrypt'>;
}

const PEM_TYPES = ['RSA PRIVATE KEY', 'PRIVATE KEY'];

/** Whether the text holds a PEM private key, PKCS#1 or PKCS#8 (RFC 7468). */
export function holdsPrivateKey(text: string): boolean {
  return firstPem(text, PEM_TYPES) !== undefined;
}

/**
 * Reads the first PEM private key of the text; `copies` of it can be used at the same time. Throws `NotAPrivateKey`,
 * `NotRsa` or `HugeKey`.
 */
export async function parsePrivateKey(text: string, at: string, copies = 1): Promise<PrivateKey> {
  return parsePem(firstPem(text, PEM_TYPES) ?? fail({ code: 'NotAPrivateKey', at }), at, copies);
}

/** Reads every PEM private key of the text, in order. Throws as `parsePrivateKey` does. */
export async function parsePrivateKeys(text: string, at: string): Promise<PrivateKey[]> {
  const blocks = allPem(text, PEM_TYPES);
  if (blocks.length === 0) fail({ code: 'NotAPrivateKey', at });
  return Promise.all(blocks.map((pem) => parsePem(pem, at, 1)));
}

async function parsePem(pem: string, at: string, copies: number): Promise<PrivateKey> {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return fail({ code: 'NotAPrivateKey', at });
  }
  return privateKeyOf(key, at, copies);
}

/** The same of a key already read. Throws `NotAPrivateKey`, `NotRsa` or `HugeKey`. */
export async function privateKeyOf(key: KeyObject, at: string, copies = 1): Promise<PrivateKey> {
  checkRsa(key, at);
  const publicKey = createPublicKey(key);
  const decryptionKey = await DecryptionKey.of(key, copies).catch(() => fail({ code: 'NotAPrivateKey', at }));
  if (!(await opensWhatItSeals(publicKey, decryptionKey))) fail({ code: 'NotAPrivateKey', at });
  return {
    fingerprint: fingerprint(publicKey),
    publicKey,
    modulus: Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'),
    decryptionKey,
  };
}

/** A damaged key can be read, and its public half can still seal what nobody will ever open. */
async function opensWhatItSeals(publicKey: KeyObject, decryptionKey: DecryptionKey): Promise<boolean> {
  const probe = randomBytes(32);
  try {
    const sealed = publicEncrypt(
      { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      probe,
    );
    const opened = await decryptionKey.decrypt(sealed, Buffer.alloc(0));
    return opened.length === probe.length && timingSafeEqual(opened, probe);
  } catch {
    return false;
  }
}
