import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';
import { describeItems, listed, type ItemProblem } from './item-problem.ts';

/** The messages about sealing and unsealing, by code. */
const WORDING = {
  NoName: (f: { at: string }) => `missing metadata.name in input Secret (${f.at})`,
  NoItems: (f: { at: string }) => `secret.data is empty in input Secret (${f.at}): nothing to seal`,
  NoNamespace: (f: { at: string; scope: string }) =>
    `${f.at}: metadata.namespace is missing, and the scope ${f.scope} requires it`,
  KeyMismatch: (f: { at: string }) => `${f.at}: tls.crt is not the certificate of tls.key`,
  Unseal: (f: { problems: readonly ItemProblem[] }, max: number) => describeItems(f.problems, max),
  SecretTooLarge: (f: { size: number; limit: number; items: readonly string[] }, max: number) =>
    `the Secret would hold ${f.size} bytes of data, more than the ${f.limit} (1 MiB) that Kubernetes allows; ` +
    `its largest items: ${listed(f.items, max / 2)}`,
  NoTemplateProcess: () =>
    'cannot start a process for the templates: memory or process IDs of the pod are exhausted; the controller retries',
  V1DataNotASecret: () => `the decrypted spec.data (deprecated) is not a Secret`,
  V1DataInPlace: (f: { at: string }) =>
    `${f.at} has deprecated spec.data, which cannot be changed in place; recover the Secret and seal it again`,
  NoEncryptedItems: (f: { at: string }) => `${f.at} has no spec.encryptedData; nothing to unseal`,
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
