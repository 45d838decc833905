import { formatEnvelope, KEY_BYTES, NONCE, TAG_BYTES, type Label } from '../envelope.ts';
import type { PublicKey } from '../public-key.ts';

/** The numbers of an RSA public key, and its DER as SubjectPublicKeyInfo. */
export interface PublicKeySource {
  readonly der: Uint8Array<ArrayBuffer>;
  readonly modulus: Uint8Array;
  readonly exponent: bigint;
}

/** Returns a public key that seals with WebCrypto. Rejects if the key cannot be imported. */
export async function webPublicKey({ der, modulus, exponent }: PublicKeySource): Promise<PublicKey> {
  const { subtle } = globalThis.crypto;
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const key = await subtle.importKey('spki', der, algorithm, false, ['encrypt']);

  async function sealValue(value: Uint8Array, label: Label): Promise<Uint8Array> {
    const sessionKey = globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    try {
      const gcm = { name: 'AES-GCM', iv: NONCE, tagLength: TAG_BYTES * 8 };
      const aesKey = await subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['encrypt']);
      const [wrappedKey, sealed] = await Promise.all([
        subtle.encrypt({ name: 'RSA-OAEP', label }, key, sessionKey),
        subtle.encrypt(gcm, aesKey, value.slice()),
      ]);
      return formatEnvelope(new Uint8Array(wrappedKey), new Uint8Array(sealed));
    } finally {
      sessionKey.fill(0);
    }
  }
  return { modulus, exponent, sealValue };
}
