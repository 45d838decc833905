import { systemClock } from '../shared/clock.ts';
import { checkValidity, type Certificate as SealingCertificate } from '../shared/crypto/certificate.ts';
import { parseCertificate as parse } from '../shared/crypto/web/parse-certificate.ts';
import { requireText } from './arguments.ts';
import { SealedSecretsError, translating, translatingAsync } from './errors.ts';

/** A certificate to seal with. Only `parseCertificate` makes one. */
export class Certificate {
  /** The certificate alone, in PEM. */
  readonly pem: string;
  /** `SHA256:` and the hash of the public key in base64, as `kubeseal` and `ssh-keygen -l` print it. */
  readonly fingerprint: string;
  /** When the certificate becomes valid. */
  readonly notBefore: Date;
  /** When the certificate expires. */
  readonly notAfter: Date;
  readonly #parsed: SealingCertificate;
  readonly #source: string;

  private constructor(parsed: SealingCertificate, source: string) {
    this.pem = parsed.pem;
    this.fingerprint = parsed.fingerprint;
    this.notBefore = parsed.notBefore;
    this.notAfter = parsed.notAfter;
    this.#parsed = parsed;
    this.#source = source;
  }

  /** @internal */
  static of(parsed: SealingCertificate, source: string): Certificate {
    return new Certificate(parsed, source);
  }

  /** @internal */
  static partsOf(certificate: unknown): { readonly parsed: SealingCertificate; readonly source: string } {
    if (!(certificate instanceof Certificate))
      throw new TypeError('certificate must be what parseCertificate returned');
    return { parsed: certificate.#parsed, source: certificate.#source };
  }
}

/** Browsers have it in secure contexts only. */
const NO_WEB_CRYPTO =
  'WebCrypto is missing: a page needs https, localhost or a file, since plain http could be changed on its way';

/** Options of `parseCertificate`. */
export interface ParseCertificateOptions {
  /** The file or URL that the text came from, for errors and explanations. Defaults to `certificate`. */
  readonly source?: string | undefined;
}

/**
 * Parses the first PEM certificate of a text and checks that its key is fit to seal with: RSA with 2,048 to 16,384 bits.
 * An expired certificate is parsed as well; `seal` and `sealValue` refuse it.
 *
 * Rejects with `NotACertificate` (also for a private key), `NotRsa`, `WeakKey`, `HugeKey`, `WeakExponent`, or `NoWebCrypto` in a
 * page that came by plain http.
 *
 * @param pem the text, such as that of `kubeseal --fetch-cert` or of the controller's `/v1/cert.pem`
 *
 * @example
 * import { parseCertificate } from 'sealed-secrets';
 *
 * const certificate = await parseCertificate(pem, { source: 'cert.pem' });
 * console.log(certificate.fingerprint, certificate.notAfter);
 */
export async function parseCertificate(
  pem: string,
  options: ParseCertificateOptions = {},
): Promise<Certificate> {
  const { source = 'certificate' } = options;
  const text = requireText(pem, 'pem');
  if (!('subtle' in globalThis.crypto)) throw new SealedSecretsError(NO_WEB_CRYPTO, 'NoWebCrypto');
  return translatingAsync('reading a certificate', async () =>
    Certificate.of(await parse(text, source), source),
  );
}

/** The certificate of a call that seals. */
export interface SealingOptions {
  /** The certificate to seal with: that of the cluster's controller. */
  readonly certificate: Certificate;
  /** Whether to seal with a certificate that is expired or not valid yet. Defaults to false. */
  readonly ignoreValidity?: boolean | undefined;
}

/** Returns the certificate to seal with. Throws `CertificateExpired` or `CertificateNotYetValid`, unless that is ignored. */
export function validCertificate({
  certificate,
  ignoreValidity = false,
}: SealingOptions): SealingCertificate {
  const { parsed, source } = Certificate.partsOf(certificate);
  if (!ignoreValidity)
    translating('checking a certificate', () => checkValidity(parsed, systemClock.now(), source));
  return parsed;
}
