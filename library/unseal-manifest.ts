import { parseSealedSecret } from '../shared/api/sealed-secret.ts';
import { NEVER } from '../shared/clock.ts';
import type { PrivateKey } from '../shared/crypto/private-key.ts';
import { SealedSecretsError } from '../shared/errors.ts';
import { secretJson } from '../shared/manifest/write.ts';
import { Keyring } from '../shared/seal/keyring.ts';
import { inProcessRenderer } from '../shared/seal/templates.ts';
import { unseal } from '../shared/seal/unseal.ts';
import type { SecretManifest } from './manifests.ts';

/**
 * Returns the Secret that a SealedSecret becomes. Throws the failures of `parseSealedSecret` and `unseal`.
 *
 * @param source what errors call the SealedSecret
 */
export async function unsealManifest(
  sealedSecret: object,
  keys: readonly PrivateKey[],
  source: string,
): Promise<SecretManifest> {
  const place = { source };
  const sealed = parseSealedSecret(sealedSecret, place);
  const renderer = inProcessRenderer('withheld');
  const result = await unseal(sealed, { decrypter: new Keyring(keys), renderer, place, signal: NEVER });
  if (!result.ok) throw new SealedSecretsError(result.failure);
  return secretJson(result.unsealed.secret);
}
