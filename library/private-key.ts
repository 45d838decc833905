import { parsePrivateKey as parse, type PrivateKey as OpeningKey } from '../shared/crypto/private-key.ts';
import { requireText } from './arguments.ts';
import { translatingAsync } from './errors.ts';

const NO_KEYS = 'privateKeys must be a list of what parsePrivateKey returned';

/** A private key to unseal with. Only `parsePrivateKey` makes one. Its secret part cannot be read. */
export class PrivateKey {
  /** `SHA256:` and the hash of the public key in base64, the same as that of its certificate. */
  readonly fingerprint: string;
  readonly #parsed: OpeningKey;

  private constructor(parsed: OpeningKey) {
    this.fingerprint = parsed.fingerprint;
    this.#parsed = parsed;
  }

  /** @internal */
  static of(parsed: OpeningKey): PrivateKey {
    return new PrivateKey(parsed);
  }

  /** @internal */
  static parsedOf(keys: unknown): readonly OpeningKey[] {
    if (!Array.isArray(keys)) throw new TypeError(NO_KEYS);
    return keys.map((key: unknown) => {
      if (!(key instanceof PrivateKey)) throw new TypeError(NO_KEYS);
      return key.#parsed;
    });
  }
}

/** Options of `parsePrivateKey`. */
export interface ParsePrivateKeyOptions {
  /** The file that the text came from, for errors. Defaults to `private key`. */
  readonly source?: string | undefined;
}

/**
 * Parses the first PEM private key of a text, PKCS#1 or PKCS#8: the item `tls.key` of a sealing key's Secret.
 *
 * Rejects with `NotAPrivateKey`, `EncryptedKey`, `NotRsa`, `HugeKey` or `WeakExponent`.
 */
export async function parsePrivateKey(
  pem: string,
  options: ParsePrivateKeyOptions = {},
): Promise<PrivateKey> {
  const { source = 'private key' } = options;
  const text = requireText(pem, 'pem');
  return translatingAsync('reading a private key', async () => PrivateKey.of(await parse(text, source)));
}
