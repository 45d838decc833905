import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { misfit } from '../crypto/envelope.ts';
import { envelopeOf } from './item-envelope.ts';
import { namedKeys } from './named-keys.ts';

/**
 * Returns a function that tells, without a private key, whether a SealedSecret can be taken for sealed with a
 * certificate: its sealing record or its hint names the key of the certificate for each item, and each item has a ciphertext
 * that this key may have made. Neither proves anything, but a ciphertext of another length or above the modulus disproves it.
 */
export function knownSealedWith({
  fingerprint,
  publicKey,
}: Certificate): (sealed: Pick<SealedSecret, 'metadata' | 'encryptedData'>) => Promise<boolean> {
  const { modulus } = publicKey;
  return async (sealed) => {
    const keys = await namedKeys(sealed);
    return [...sealed.encryptedData].every(([item, value]) => {
      if (keys.get(item) !== fingerprint) return false;
      const envelope = envelopeOf(item, value);
      return !('code' in envelope) && misfit(envelope, modulus) === undefined;
    });
  };
}
