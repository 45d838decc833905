import {
  constants,
  createPrivateKey,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { fail } from './errors.ts';
import { DecryptionKey } from './decryption-key.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { allPem, firstPem } from './pem.ts';
import { checkRsa, modulusOf } from './rsa.ts';

/** An RSA private key that can open envelopes. The key material cannot be exported. */
export interface PrivateKey {
  readonly fingerprint: Fingerprint;
  readonly publicKey: KeyObject;
  /** The modulus, big-endian. Every RSA ciphertext for this key has the same length and a smaller value. */
  readonly modulus: Buffer;
  readonly decryptionKey: Pick<DecryptionKey, 'decrypt'>;
}

const PEM_TYPES = ['RSA PRIVATE KEY', 'PRIVATE KEY'];
const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
/** PEM types of keys that are not RSA, and OpenSSL's names for them. */
const OTHERS: readonly [string, string][] = [
  ['EC PRIVATE KEY', 'ec'],
  ['DSA PRIVATE KEY', 'dsa'],
  ['OPENSSH PRIVATE KEY', 'openssh'],
];

/**
 * Returns the PEM blocks (RFC 7468) of all private keys in a text, including encrypted keys and keys that are not RSA.
 */
export function privateKeyBlocks(text: string): string[] {
  return allPem(text, [...PEM_TYPES, ENCRYPTED, ...OTHERS.map(([type]) => type)]);
}

/**
 * Parses the first PEM private key of a text, PKCS#1 or PKCS#8. Throws `NotAPrivateKey`, `EncryptedKey`, `NotRsa` or
 * `HugeKey`.
 *
 * @param at the source of the text, for errors
 * @param copies how many operations can run in parallel
 */
export async function parsePrivateKey(text: string, at: string, copies = 1): Promise<PrivateKey> {
  const [unusable] = privateKeyBlocks(text);
  const pem = firstPem(text, PEM_TYPES) ?? unusable ?? fail({ code: 'NotAPrivateKey', at });
  const [, other] = OTHERS.find(([type]) => pem.includes(`-----BEGIN ${type}-----`)) ?? [];
  if (other !== undefined) fail({ code: 'NotRsa', at, type: other });
  // PKCS#8, or the header of RFC 1421, section 4.6.1.1.
  if (pem.includes(`-----BEGIN ${ENCRYPTED}-----`) || /^Proc-Type: *4, *ENCRYPTED\s*$/m.test(pem))
    fail({ code: 'EncryptedKey', at });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return fail({ code: 'NotAPrivateKey', at });
  }
  return privateKeyOf(key, at, copies);
}

/**
 * Returns a private key from a KeyObject, with the parameters of `parsePrivateKey`. Throws `NotAPrivateKey`, `NotRsa`
 * or `HugeKey`.
 */
export async function privateKeyOf(key: KeyObject, at: string, copies = 1): Promise<PrivateKey> {
  checkRsa(key, at);
  const publicKey = createPublicKey(key);
  const decryptionKey = await DecryptionKey.of(key, copies).catch(() => fail({ code: 'NotAPrivateKey', at }));
  if (!(await roundTrips(publicKey, decryptionKey))) fail({ code: 'NotAPrivateKey', at });
  return {
    fingerprint: fingerprint(publicKey),
    publicKey,
    modulus: modulusOf(publicKey),
    decryptionKey,
  };
}

/**
 * Returns whether the key can decrypt its own ciphertext. OpenSSL parses damaged keys, whose public half still
 * encrypts.
 */
async function roundTrips(publicKey: KeyObject, decryptionKey: DecryptionKey): Promise<boolean> {
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
