import type { Certificate } from '../../shared/crypto/certificate.ts';
import { knownSealedWith } from '../../shared/seal/known-key.ts';
import type { OldItemsEncrypter } from './file.ts';

/**
 * Returns what finds the items to re-encrypt without a private key, by records, hints and the certificate. It has no new
 * ciphertexts for them.
 */
export function certificateChecker(certificate: Certificate): OldItemsEncrypter {
  const isKnown = knownSealedWith(certificate);
  return {
    reEncryptOld: async (sealed) =>
      new Map((await isKnown(sealed)) ? [] : [...sealed.encryptedData.keys()].map((item) => [item, ''])),
    fingerprint: () => Promise.resolve(certificate.fingerprint),
    close: () => undefined,
  };
}
