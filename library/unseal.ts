import { translatingAsync } from './errors.ts';
import type { SecretManifest } from './manifests.ts';
import { PrivateKey } from './private-key.ts';

/** Options of `unseal`. */
export interface UnsealOptions {
  /** The keys to try. Those that the SealedSecret names come first, then those that opened something most recently. */
  readonly privateKeys: readonly PrivateKey[];
  /** The file that the SealedSecret came from, for errors. Defaults to `SealedSecret`. */
  readonly source?: string | undefined;
}

/**
 * Returns the Secret that the controller makes from a SealedSecret, without owner references: the decrypted items, and
 * the templates of `spec.template.data`, rendered. Every item must open.
 *
 * Templates run in this process, under the limits that the controller has for their time, memory and output.
 *
 * Rejects with `Unseal` if items do not open or render (the error's `items` names them), `SecretTooLarge`,
 * `NoEncryptedItems`, `V1DataNotASecret`, `BadName`, or as `explain` does for what is not a SealedSecret. The message of a
 * template that fails while it runs is withheld, since it could quote values.
 *
 * @example
 * import { parsePrivateKey, unseal } from 'sealed-secrets';
 *
 * const privateKeys = [await parsePrivateKey(pem, { source: 'tls.key' })];
 * const secret = await unseal(JSON.parse(text), { privateKeys });
 * console.log(Object.keys(secret.data));
 */
export async function unseal(sealedSecret: object, options: UnsealOptions): Promise<SecretManifest> {
  const { privateKeys, source = 'SealedSecret' } = options;
  const keys = PrivateKey.parsedOf(privateKeys);
  return translatingAsync('unsealing a SealedSecret', async () => {
    // The functions of templates take longer to load than all the rest of the library.
    const { unsealManifest } = await import('./unseal-manifest.ts');
    return unsealManifest(sealedSecret, keys, source);
  });
}
