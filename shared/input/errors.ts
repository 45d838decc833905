import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';

/** The messages about values and files that a person gives to seal, by code. */
const WORDING = {
  BadItemName: (f: { from: string; item: string }) =>
    `${f.from}: no item of a Secret can have the name "${f.item}": ` +
    'only letters, digits, "-", "_" and "." are allowed, at most 253, and neither "." nor a name that begins with ".."',
  ItemTwice: (f: { from: string; item: string }) =>
    `${f.from}: there is another item "${f.item}" already; each item has one value`,
  BadEnvLine: (f: { path: string; line: number }) =>
    `${f.path}: line ${f.line} is not NAME=VALUE: a name has letters, digits, "-", "_" and ".", and begins with no digit`,
  NotPem: (f: { at: string; wanted: string }) => `${f.at} holds no ${f.wanted} in PEM that can be read`,
  EncryptedTlsKey: (f: { at: string }) =>
    `${f.at} holds an encrypted private key, which no server could use: decrypt it first, as with openssl pkey`,
  TlsKeyMismatch: (f: { certificate: string; key: string }) =>
    `the private key in ${f.key} does not belong to the certificate in ${f.certificate}`,
  RecordTooLong: (f: { at: string; max: number }) =>
    `${f.at}: the annotation sealedsecrets.bitnami.com/sealing-record would be longer than ${f.max / 1024} KiB: ` +
    'seal without it, and remove the annotation if it is there',
} satisfies Wording;

/** A failure about values and files that a person gives to seal. */
export type InputFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about values and files that a person gives to seal. */
export function inputFailure(details: InputFailure['details']): InputFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about values and files that a person gives to seal, as `SealedSecretsError`. */
export function fail(details: InputFailure['details']): never {
  throw new SealedSecretsError(inputFailure(details));
}
