import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { misfit } from '../crypto/envelope.ts';
import { hintOf } from './hint.ts';
import { envelopeOf } from './item-envelope.ts';

/**
 * Returns a function that tells, without a private key, whether a SealedSecret can be taken for sealed with a
 * certificate: its hint names the key of the certificate and no other one, and each item has a ciphertext that this key
 * may have made. The hint proves nothing, but a ciphertext of another length or above the modulus disproves it.
 */
export function knownSealedWith({
  fingerprint,
  publicKey,
}: Certificate): (sealed: Pick<SealedSecret, 'metadata' | 'encryptedData'>) => boolean {
  const { modulus } = publicKey;
  return ({ metadata, encryptedData }) => {
    if (encryptedData.size === 0) return true;
    const hint = hintOf(metadata.annotations);
    if (hint.length === 0 || hint.some((key) => key !== fingerprint)) return false;
    return [...encryptedData].every(([item, value]) => {
      const envelope = envelopeOf(item, value);
      return !('code' in envelope) && misfit(envelope, modulus) === undefined;
    });
  };
}
