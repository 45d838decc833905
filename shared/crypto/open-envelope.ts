import { createDecipheriv } from 'node:crypto';
import { KEY_BYTES, misfit, NONCE, TAG_BYTES, type Envelope, type Label } from './envelope.ts';
import type { PrivateKey } from './private-key.ts';

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
