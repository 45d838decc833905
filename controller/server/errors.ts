import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';

/** The messages about the HTTP server, by code. */
const WORDING = {
  Usage: (f: { problem: string }) => f.problem,
  CannotListen: (f: { address: string; reason: string }) => `cannot listen on ${f.address}: ${f.reason}`,
  BadTlsPair: (f: { cert: string; key: string }) =>
    `cannot serve TLS: ${f.cert} and ${f.key} are not a PEM certificate and its key`,
} satisfies Wording;

/** Throws a failure about the HTTP server, as `SealedSecretsError`. */
export function fail(details: DetailsIn<typeof WORDING>): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}
