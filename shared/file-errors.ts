import { Failure, SealedSecretsError, type DetailsIn, type Wording } from './errors.ts';

/** The messages about a file or another input or output, by code. */
const WORDING = {
  // Go's message, which scripts match.
  NoSuchFile: (f: { path: string }) => `open ${f.path}: no such file or directory`,
  UnreadableFile: (f: { path: string; reason: string }) => `cannot read ${f.path}: ${f.reason}`,
  UnwritableFile: (f: { path: string; reason: string }) => `cannot write ${f.path}: ${f.reason}`,
  TooLarge: (f: { at: string; limit: string }) => `${f.at} is larger than ${f.limit}`,
} satisfies Wording;

/** A failure about a file or another input or output. */
export type FileFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about a file or another input or output. */
export function fileFailure(details: FileFailure['details']): FileFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about a file or another input or output, as `SealedSecretsError`. */
export function fail(details: FileFailure['details']): never {
  throw new SealedSecretsError(fileFailure(details));
}
