import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';

/** The messages about the text of a manifest, by code. */
const WORDING = {
  Syntax: (f: { at: string; problem: string; line: number; column: number }) =>
    `${f.at}: neither JSON nor YAML: ${f.problem} at line ${f.line}, column ${f.column}`,
  TooDeep: (f: { at: string }) => `${f.at}: Lists in Lists are too deep`,
  NoDocument: (f: { at: string; wanted: string }) => `${f.at} holds no document: expected a ${f.wanted}`,
  CannotEdit: (f: { at: string }) =>
    `${f.at} cannot be edited in place (a YAML alias or an unsupported style): write a new file with -o and -w FILE`,
} satisfies Wording;

/** Throws a failure about the text of a manifest, as `SealedSecretsError`. */
export function fail(details: DetailsIn<typeof WORDING>): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}
