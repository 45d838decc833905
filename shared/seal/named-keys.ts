import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import { hintOf } from './hint.ts';
import { ciphertextDigest, parseRecord } from './sealing-record.ts';

/**
 * Returns the keys of items, as the sealing record names them, else the hint if it names one key alone. Items whose key is
 * not named are absent. It proves nothing.
 */
export async function namedKeys({
  metadata: { annotations },
  encryptedData,
}: Pick<SealedSecret, 'metadata' | 'encryptedData'>): Promise<ReadonlyMap<string, Fingerprint>> {
  const record = parseRecord(annotations);
  const entries = record !== undefined && 'entries' in record ? record.entries : undefined;
  const [hinted, ...others] = new Set(hintOf(annotations));
  const keys = new Map<string, Fingerprint>();
  for (const [item, ciphertext] of encryptedData) {
    const digest = entries && (await ciphertextDigest(ciphertext));
    const recorded = digest === undefined ? undefined : entries?.get(digest)?.key;
    const key = recorded ?? (others.length === 0 ? hinted : undefined);
    if (key !== undefined) keys.set(item, key);
  }
  return keys;
}
