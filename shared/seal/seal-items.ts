import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Secret } from '../api/secret.ts';
import { scopeOf } from './scope.ts';
import { seal, type SealOptions } from './seal.ts';

/** Returns a Secret with values for items of a SealedSecret, as sealing and warnings need it. */
export function secretWith(
  { metadata, template: { type, immutable } }: SealedSecret,
  data: ReadonlyMap<string, Uint8Array>,
): Secret {
  return { metadata, type, immutable, data };
}

/** Seals values for the name, namespace and scope of a SealedSecret. Returns ciphertexts in base64. Rejects as `seal` does. */
export async function sealItems(
  values: ReadonlyMap<string, Uint8Array>,
  sealed: SealedSecret,
  options: Omit<SealOptions, 'scope'>,
): Promise<ReadonlyMap<string, string>> {
  const scope = scopeOf(sealed.metadata.annotations);
  const { encryptedData } = await seal(secretWith(sealed, values), { ...options, scope });
  return new Map([...encryptedData].map(([item, ciphertext]) => [item, ciphertext ?? '']));
}
