import { NEVER } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { reEncrypt } from '../../shared/seal/re-encrypt.ts';
import type { CliContext } from '../context.ts';
import type { CertificateOptions, KeyOptions, NameOptions } from '../flags/options.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { obtainCheckedCertificate } from '../sealing/certificate.ts';
import { refuseOldCertificate } from './newest-key.ts';
import { atDocument, candidatesOf, keyringOf, readRecoveryKeys } from './recovery-keys.ts';

interface OfflineOptions extends CertificateOptions, KeyOptions, NameOptions {
  readonly allowOldCertificate: boolean;
}

/**
 * Re-encrypts without a controller: unseals with the private keys and seals with the certificate. Throws
 * `OldCertificate` or `RetiredCertificate` if the certificate of `--cert` is not that of the newest key, unless
 * `--allow-old-certificate` is set.
 */
export async function offlineReEncrypter(options: OfflineOptions, context: CliContext): Promise<ReEncrypter> {
  const keys = await readRecoveryKeys(options, context);
  const { certificate, from } = await obtainCheckedCertificate(options, context);
  // The cluster's certificate always belongs to its newest key.
  if (options.cert !== undefined && !options.allowOldCertificate)
    refuseOldCertificate(certificate, { at: from, keys, now: context.clock.now() });
  const decrypter = keyringOf(keys);
  const candidates = candidatesOf(options);
  return {
    async reEncrypt(sealed, { place }) {
      const result = await reEncrypt(sealed, { certificate, decrypter, candidates, place, signal: NEVER });
      if (!result.ok) throw new SealedSecretsError(atDocument(result.failure, sealed, place));
      return result.encryptedData;
    },
    fingerprint: () => Promise.resolve(certificate.fingerprint),
    close: () => undefined,
  };
}
