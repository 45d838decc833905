import {
  constants,
  createCipheriv,
  createDecipheriv,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import type { PrivateKey } from './private-key.ts';

/**
 * A sealed value: `uint16 length ‖ RSA ciphertext ‖ AES-256-GCM ciphertext ‖ 16-byte tag`. Each value has a new session
 * key, wrapped by RSA-OAEP with SHA-256 (RFC 8017, section 7.1) under a label that binds the value to its name and
 * namespace. Because the session key is used only once, GCM uses a zero nonce.
 */
export interface Envelope {
  readonly wrappedKey: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** The OAEP label of a value. Only `labelFor` makes labels, since it checks the names in them. */
export type Label = Buffer & { readonly __label: never };

const KEY_BYTES = 32;
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;

/** Seals one value. Returns the envelope as bytes, not base64. */
export function sealValue(value: Buffer, publicKey: KeyObject, label: Label): Buffer {
  const sessionKey = randomBytes(KEY_BYTES);
  const wrappedKey = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: label },
    sessionKey,
  );
  const cipher = createCipheriv('aes-256-gcm', sessionKey, NONCE, { authTagLength: TAG_BYTES });
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(wrappedKey.length);
  const envelope = Buffer.concat([
    length,
    wrappedKey,
    cipher.update(value),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  sessionKey.fill(0);
  return envelope;
}

/** Splits the bytes of an envelope into its parts. Returns null if there are too few. */
export function parseEnvelope(bytes: Buffer): Envelope | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const bodyAt = LENGTH_BYTES + bytes.readUInt16BE(0);
  const tagAt = bytes.length - TAG_BYTES;
  if (bodyAt === LENGTH_BYTES || tagAt < bodyAt) return null;
  return {
    wrappedKey: bytes.subarray(LENGTH_BYTES, bodyAt),
    ciphertext: bytes.subarray(bodyAt, tagAt),
    tag: bytes.subarray(tagAt),
  };
}

/**
 * Opens an envelope. Resolves with null for every cause of failure (another key, another label, a changed byte):
 * distinguishing them would enable Manger's attack on OAEP (CRYPTO 2001). The private operation runs off the main
 * thread. No part of the value is returned before the tag is verified.
 */
export async function openEnvelope(
  envelope: Envelope,
  key: PrivateKey,
  label: Label,
): Promise<Buffer | null> {
  if (misfit(envelope, key.modulus) !== undefined) return null;
  let sessionKey: Buffer | undefined;
  try {
    sessionKey = await key.decryptionKey.decrypt(envelope.wrappedKey, label);
    if (sessionKey.length !== KEY_BYTES) return null;
    const decipher = createDecipheriv('aes-256-gcm', sessionKey, NONCE, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(envelope.tag);
    const start = decipher.update(envelope.ciphertext);
    return Buffer.concat([start, decipher.final()]);
  } catch {
    return null;
  } finally {
    sessionKey?.fill(0);
  }
}

/** Why a key cannot have sealed an envelope: its size, or an RSA ciphertext that is not below its modulus. */
export type Misfit = 'size' | 'modulus';

/**
 * Returns the proof that the key with this modulus did not seal the envelope (RFC 8017, section 7.1.2). Undefined if it
 * may have. Both inputs are public.
 */
export function misfit({ wrappedKey }: Envelope, modulus: Buffer): Misfit | undefined {
  if (wrappedKey.length !== modulus.length) return 'size';
  return wrappedKey.compare(modulus) < 0 ? undefined : 'modulus';
}
