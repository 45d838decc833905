import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';

/** The messages about a certificate or a private key, by code. */
const WORDING = {
  NotACertificate: (f: { at: string; privateKey?: boolean }) =>
    f.privateKey
      ? `${f.at} holds a private key, not a certificate: seal with the tls.crt of the sealing key's Secret`
      : `${f.at} holds no PEM certificate (expected "-----BEGIN CERTIFICATE-----")`,
  CertificateExpired: (f: { at: string; on: string }) =>
    `failed to encrypt using an expired certificate on ${f.on} (${f.at}): fetch the cluster's newest one`,
  CertificateNotYetValid: (f: { at: string; from: string }) =>
    `the certificate is not valid before ${f.from} (${f.at}): check this machine's clock`,
  NotRsa: (f: { at: string; type: string }) => `${f.at} holds a key of type ${f.type}, not RSA`,
  WeakKey: (f: { at: string; bits: number }) =>
    `${f.at} holds an RSA key of ${f.bits} bits: at least 2048 are needed`,
  HugeKey: (f: { at: string; bits: number }) =>
    `${f.at} holds an RSA key of ${f.bits} bits: at most 16384 are accepted`,
  WeakExponent: (f: { at: string }) =>
    `${f.at} holds an RSA key with an unsafe public exponent: an odd one of at least 3 and at most 256 bits is needed`,
  NotAPrivateKey: (f: { at: string }) =>
    `${f.at} holds no private key: expected a PEM key, such as the tls.key of a sealing key's Secret`,
  EncryptedKey: (f: { at: string }) =>
    `${f.at} holds an encrypted private key: decrypt it first (openssl pkey -in FILE)`,
} satisfies Wording;

/** A failure about a certificate or a private key. */
export type CryptoFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about a certificate or a private key. */
export function cryptoFailure(details: CryptoFailure['details']): CryptoFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about a certificate or a private key, as `SealedSecretsError`. */
export function fail(details: CryptoFailure['details']): never {
  throw new SealedSecretsError(cryptoFailure(details));
}
