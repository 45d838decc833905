import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { NEVER } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import { reEncrypt } from '../../shared/seal/re-encrypt.ts';
import type { CliContext } from '../context.ts';
import type { CertificateOptions, NameOptions } from '../flags/options.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { obtainCheckedCertificate } from '../sealing/certificate.ts';
import { refuseOldCertificate } from './newest-key.ts';
import {
  atDocument,
  candidatesOf,
  decrypterOf,
  readRecoveryKeys,
  type RecoveryKeyOptions,
} from './recovery-keys.ts';

interface OfflineOptions extends CertificateOptions, RecoveryKeyOptions, NameOptions {
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
  const decrypter = decrypterOf(keys, options);
  const candidates = candidatesOf(options);
  const encrypt = async (
    sealed: SealedSecret,
    { place }: Document,
    oldOnly: boolean,
  ): Promise<ReadonlyMap<string, string>> => {
    const options = { certificate, decrypter, oldOnly, candidates, place, signal: NEVER };
    const result = await reEncrypt(sealed, options);
    if (!result.ok) throw new SealedSecretsError(atDocument(result.failure, sealed, place));
    return result.encryptedData;
  };
  return {
    reEncrypt: (sealed, document) => encrypt(sealed, document, false),
    reEncryptOld: (sealed, document) => encrypt(sealed, document, true),
    fingerprint: () => Promise.resolve(certificate.fingerprint),
    close: () => undefined,
  };
}
