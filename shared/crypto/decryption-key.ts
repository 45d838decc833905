import { webcrypto, type KeyObject } from 'node:crypto';

/**
 * An RSA private key for OAEP with SHA-256, which nobody can export. Node locks a CryptoKey while it is used, so a key
 * that several cores shall use at once is imported as often.
 */
export class DecryptionKey {
  readonly #copies: { readonly key: webcrypto.CryptoKey; running: number }[];

  private constructor(copies: readonly webcrypto.CryptoKey[]) {
    this.#copies = copies.map((key) => ({ key, running: 0 }));
  }

  /** Rejects where the key cannot be imported. */
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

  /** One private operation, off the main thread. Rejects where the ciphertext is for another key or label. */
  async decrypt(ciphertext: Buffer, label: Buffer): Promise<Buffer> {
    const copy = this.#copies.reduce((a, b) => (b.running < a.running ? b : a));
    copy.running++;
    try {
      return Buffer.from(await webcrypto.subtle.decrypt({ name: 'RSA-OAEP', label }, copy.key, ciphertext));
    } finally {
      copy.running--;
    }
  }
}
