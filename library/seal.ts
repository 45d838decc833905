import { parseSecret } from '../shared/api/secret.ts';
import { sealedSecretJson } from '../shared/manifest/write.ts';
import { withKeyHint } from '../shared/input/key-hint.ts';
import { seal as sealSecret } from '../shared/seal/seal.ts';
import type { Scope } from '../shared/seal/scope.ts';
import { requireScope } from './arguments.ts';
import { validCertificate, type SealingOptions } from './certificate.ts';
import { translatingAsync } from './errors.ts';
import type { SealedSecretManifest, SecretInput } from './manifests.ts';

/** Options of `seal`. */
export interface SealOptions extends SealingOptions {
  /** The scope. Defaults to that of the Secret's annotations, which is `strict` without any. */
  readonly scope?: Scope | undefined;
  /** Whether a Secret may have no items. Defaults to false. */
  readonly allowEmptyData?: boolean | undefined;
  /**
   * Whether to name the key in an annotation, `sealedsecrets.bitnami.com/sealing-key`, so that one can tell later which
   * files are sealed for an old key. Defaults to false.
   */
  readonly keyHint?: boolean | undefined;
  /** The file that the Secret came from, for errors. Defaults to `Secret`. */
  readonly source?: string | undefined;
}

/**
 * Seals every item of a Secret. The result is what `kubeseal` writes: labels, annotations and the type of the Secret are
 * in `spec.template`. Sealing the same Secret again gives other ciphertexts.
 *
 * Rejects with `CertificateExpired` or `CertificateNotYetValid`, with `NoName`, `NoNamespace`, `NoItems`, `BadName` or
 * `BadBase64`, and with `WrongType`, `WrongKind`, `WrongVersion`, `Missing` or `DuplicateField` for what is not a Secret.
 *
 * @example
 * import { parseCertificate, seal } from 'sealed-secrets';
 *
 * const secret = { metadata: { name: 'db', namespace: 'shop' }, stringData: { password: 'hunter2' } };
 * const sealed = await seal(secret, { certificate: await parseCertificate(pem) });
 * console.log(JSON.stringify(sealed));
 */
export async function seal(secret: SecretInput, options: SealOptions): Promise<SealedSecretManifest> {
  const { allowEmptyData = false, keyHint = false, source = 'Secret' } = options;
  const scope = options.scope === undefined ? undefined : requireScope(options.scope);
  const certificate = validCertificate(options);
  return translatingAsync('sealing a Secret', async () => {
    const place = { source };
    const sealed = await sealSecret(parseSecret(secret, place), {
      certificate,
      place,
      scope,
      allowEmptyData,
    });
    const manifest = sealedSecretJson(keyHint ? withKeyHint(sealed, certificate) : sealed);
    return { ...manifest, metadata: { ...manifest.metadata, name: sealed.metadata.name } };
  });
}
