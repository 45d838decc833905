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
import type { Fingerprint } from './fingerprint.ts';
import { firstPem } from './pem.ts';
import {
  ENCRYPTED_KEY_TYPE,
  OTHER_KEY_TYPES,
  PRIVATE_KEY_TYPES,
  privateKeyBlocks,
} from './private-key-pem.ts';
import { checkRsa, fingerprint, modulusOf } from './rsa.ts';

/** An RSA private key that can open envelopes. The key material cannot be exported. */
export interface PrivateKey {
  readonly fingerprint: Fingerprint;
  readonly publicKey: KeyObject;
  /** The modulus, big-endian. Every RSA ciphertext for this key has the same length and a smaller value. */
  readonly modulus: Buffer;
  readonly decryptionKey: Pick<DecryptionKey, 'decrypt'>;
}

/**
 * Parses the first PEM private key of a text, PKCS#1 or PKCS#8. Throws `NotAPrivateKey`, `EncryptedKey`, `NotRsa`,
 * `HugeKey` or `WeakExponent`.
 *
 * @param at the source of the text, for errors
 * @param copies how many operations can run in parallel
 */
export async function parsePrivateKey(text: string, at: string, copies = 1): Promise<PrivateKey> {
  const [unusable] = privateKeyBlocks(text);
  const pem = firstPem(text, PRIVATE_KEY_TYPES) ?? unusable ?? fail({ code: 'NotAPrivateKey', at });
  const [, other] = OTHER_KEY_TYPES.find(([type]) => pem.includes(`-----BEGIN ${type}-----`)) ?? [];
  if (other !== undefined) fail({ code: 'NotRsa', at, type: other });
  // PKCS#8, or the header of RFC 1421, section 4.6.1.1.
  if (pem.includes(`-----BEGIN ${ENCRYPTED_KEY_TYPE}-----`) || /^Proc-Type: *4, *ENCRYPTED\s*$/m.test(pem))
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
 * Returns a private key from a KeyObject, with the parameters of `parsePrivateKey`. Throws `NotAPrivateKey`, `NotRsa`,
 * `HugeKey` or `WeakExponent`.
 */
export async function privateKeyOf(key: KeyObject, at: string, copies = 1): Promise<PrivateKey> {
  const publicKey = createPublicKey(key);
  checkRsa(publicKey, at);
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
