import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';
import { describeItems, listed, type ItemProblem } from './item-problem.ts';

/** The messages about sealing and unsealing, by code. */
const WORDING = {
  NoName: (f: { at: string }) => `missing metadata.name in input Secret (${f.at}): add it, or give --name`,
  NoItems: (f: { at: string }) =>
    `secret.data is empty in input Secret (${f.at}): there is nothing to seal (to seal it all the same, give --allow-empty-data)`,
  NoNamespace: (f: { at: string; scope: string }) =>
    `${f.at}: no namespace, and the scope ${f.scope} needs one: add metadata.namespace, or give --namespace`,
  KeyMismatch: (f: { at: string }) => `${f.at}: tls.crt is not the certificate of tls.key`,
  Unseal: (f: { problems: readonly ItemProblem[] }, max: number) => describeItems(f.problems, max),
  SecretTooLarge: (f: { size: number; limit: number; items: readonly string[] }, max: number) =>
    `the Secret would hold ${f.size} bytes of data, more than the ${f.limit} (1 MiB) that Kubernetes allows; ` +
    `its largest items: ${listed(f.items, max / 2)}`,
  V1DataNotASecret: () => `spec.data (deprecated) was decrypted, and is not a Secret`,
  V1DataInPlace: (f: { at: string }) =>
    `${f.at} holds deprecated spec.data, which cannot be changed as it stands: recover the Secret, and seal it again`,
  NoEncryptedItems: (f: { at: string }) => `${f.at} has no spec.encryptedData: there is nothing to unseal`,
} satisfies Wording;

/** A failure about sealing and unsealing. */
export type SealFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about sealing and unsealing. */
export function sealFailure(details: SealFailure['details']): SealFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about sealing and unsealing, as `SealedSecretsError`. */
export function fail(details: SealFailure['details']): never {
  throw new SealedSecretsError(sealFailure(details));
}

/** Whether a failure is about sealing and unsealing. */
export function isSealFailure(failure: Failure): failure is SealFailure {
  return failure.isOneOf(WORDING);
}
