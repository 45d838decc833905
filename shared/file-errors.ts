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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  ENAMETOOLONG: 'file name too long',
  ENOTDIR: 'not a directory',
  ENOSPC: 'no space left on device',
  EBADF: 'bad file descriptor',
  EROFS: 'read-only file system',
  ERR_INVALID_ARG_VALUE: 'invalid path',
};

/** Describes the code of a system error, such as `EACCES`. */
export function systemReason(code: string): string {
  return REASONS[code] ?? (code === '' ? 'unknown reason' : code);
}

/** Returns the code of a system error. Empty for other errors. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
