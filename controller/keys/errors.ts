import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';

/** The messages about sealing keys, by code. */
const WORDING = {
  NotTheNewestKey: (f: { at: string }) => `${f.at} was created but is not the newest sealing key`,
  NoKeyName: (f: { at: string; count: number }) =>
    `${f.at} and the ${f.count - 1} names after it for a new sealing key are taken; delete those Secrets that hold no key`,
  KeyReplaced: (f: { at: string }) => `${f.at} was given another key; the old one opens, and does not seal`,
} satisfies Wording;

/** Returns a failure about a sealing key. */
export function keyFailure(details: DetailsIn<typeof WORDING>): Failure {
  return new Failure(details, WORDING);
}

/** Throws a failure about a sealing key, as `SealedSecretsError`. */
export function fail(details: DetailsIn<typeof WORDING>): never {
  throw new SealedSecretsError(keyFailure(details));
}
