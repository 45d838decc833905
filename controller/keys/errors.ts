import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';

/** The messages about a new sealing key, by code. */
const WORDING = {
  NotTheNewestKey: (f: { at: string }) => `${f.at} was created but is not the newest sealing key`,
  NoKeyName: (f: { at: string; count: number }) =>
    `${f.at} and the ${f.count - 1} names after it for a new sealing key are taken; delete those Secrets that hold no key`,
} satisfies Wording;

/** Throws a failure about a new sealing key, as `SealedSecretsError`. */
export function fail(details: DetailsIn<typeof WORDING>): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}
