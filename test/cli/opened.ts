import { utf8Text } from '../../shared/bytes.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { inProcessRenderer } from '../../shared/seal/templates.ts';
import { unseal } from '../../shared/seal/unseal.ts';
import { vectorKey } from '../support/vectors.ts';

/** The decrypted items of every SealedSecret in a text, as the key of the vectors opens them. Throws where it does not. */
export async function itemsOf(text: string | Buffer, key = 'c2048'): Promise<Record<string, string>[]> {
  const keyring = new Keyring([await vectorKey(key)]);
  const never = new AbortController().signal;
  const all: Record<string, string>[] = [];
  for (const { value, place } of readDocuments(Buffer.from(text), 'text')) {
    if ((value as { kind?: unknown }).kind !== 'SealedSecret') continue;
    const result = await unseal(parseSealedSecret(value, place), {
      decrypter: keyring,
      renderer: inProcessRenderer('full'),
      place,
      signal: never,
    });
    if (!result.ok) throw new Error(result.failure.describe());
    all.push(
      Object.fromEntries([...result.unsealed.secret.data].map(([item, bytes]) => [item, utf8Text(bytes)])),
    );
  }
  return all;
}
