import { webcrypto, type KeyObject } from 'node:crypto';

/**
 * A non-exportable RSA private key for OAEP with SHA-256. Node locks a CryptoKey while it is in use, so several copies
 * of the key allow as many operations in parallel.
 */
export class DecryptionKey {
  readonly #copies: { readonly key: webcrypto.CryptoKey; running: number }[];

  private constructor(copies: readonly webcrypto.CryptoKey[]) {
    this.#copies = copies.map((key) => ({ key, running: 0 }));
  }

  /** Imports a key `copies` times. Rejects if it cannot be imported. */
  static async of(key: KeyObject, copies: number): Promise<DecryptionKey> {
    const der = key.export({ type: 'pkcs8', format: 'der' });
    const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
    const imports = Array.from({ length: copies }, () =>
      webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['decrypt']),
    );
    try {
      return new DecryptionKey(await Promise.all(imports));
    } finally {
      der.fill(0);
    }
  }

  /** Decrypts off the main thread. Rejects if the ciphertext is for another key or label. */
  async decrypt(ciphertext: Uint8Array, label: Uint8Array): Promise<Buffer> {
    const copy = this.#copies.reduce((a, b) => (b.running < a.running ? b : a));
    copy.running++;
    try {
      return Buffer.from(await webcrypto.subtle.decrypt({ name: 'RSA-OAEP', label }, copy.key, ciphertext));
    } finally {
      copy.running--;
    }
  }
}
