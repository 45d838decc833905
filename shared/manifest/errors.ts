import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';

/** The messages about the text of a manifest, by code. */
const WORDING = {
  Syntax: (f: { at: string; problem: string; line: number; column: number }) =>
    `${f.at}: neither JSON nor YAML: ${f.problem} at line ${f.line}, column ${f.column}`,
  TooDeep: (f: { at: string }) => `${f.at}: Lists are nested too deeply`,
  NoDocument: (f: { at: string; wanted: string }) => `${f.at} holds no document: expected a ${f.wanted}`,
  CannotEdit: (f: { at: string }) => `${f.at} cannot be edited in place (YAML alias or unsupported style)`,
} satisfies Wording;

/** A failure about the text of a manifest. */
export type ManifestFailure = Failure<DetailsIn<typeof WORDING>>;

/** Throws a failure about the text of a manifest, as `SealedSecretsError`. */
export function fail(details: ManifestFailure['details']): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}
