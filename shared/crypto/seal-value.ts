import { constants, createCipheriv, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { formatEnvelope, KEY_BYTES, NONCE, TAG_BYTES, type Label } from './envelope.ts';

/** Seals one value, with Node. Returns the envelope as bytes, not base64. */
export function sealValue(value: Uint8Array, publicKey: KeyObject, label: Label): Uint8Array {
  const sessionKey = randomBytes(KEY_BYTES);
  const wrappedKey = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: label },
    sessionKey,
  );
  const cipher = createCipheriv('aes-256-gcm', sessionKey, NONCE, { authTagLength: TAG_BYTES });
  const envelope = formatEnvelope(wrappedKey, cipher.update(value), cipher.final(), cipher.getAuthTag());
  sessionKey.fill(0);
  return envelope;
}
