import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fail } from '../errors.ts';
import { usageError } from '../flags/usage-error.ts';
import { reasonOf, runGit } from '../io/run-git.ts';
import type { ProgramOutput } from '../io/run-program.ts';

/** The content of a file in a revision, and its name in messages. */
export interface GitFile {
  readonly source: string;
  readonly bytes: Buffer;
}

/** What git needs to know of the process. */
interface GitContext {
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Returns a file as a revision of its Git repository has it. The repository is the one that the file's folder is in,
 * whatever `GIT_DIR` says; symbolic links are followed. Runs git without a shell.
 *
 * Throws `NoGit`, `NotARepository`, `NoSuchRevision` or `NotInRevision`, and `Usage` for a revision that git would take
 * for an option.
 */
export async function fileAtRevision(
  file: string,
  revision: string,
  { environment }: GitContext,
): Promise<GitFile> {
  if (revision.startsWith('-')) usageError('--git: a revision does not start with a dash');
  const real = realPathOf(file);
  const git = (...args: readonly string[]): Promise<ProgramOutput> =>
    runGit(['-C', dirname(real), ...args], environment);
  const source = `${revision}:${file}`;
  const blob = await git('cat-file', 'blob', `${revision}:./${basename(real)}`);
  if (blob.code === 0) return { source, bytes: blob.stdout };
  const repository = await git('rev-parse', '--git-dir');
  if (repository.code !== 0) fail({ code: 'NotARepository', file, reason: reasonOf(repository) });
  const known = await git('rev-parse', '--verify', '--quiet', `${revision}^{tree}`);
  return fail(
    known.code === 0
      ? { code: 'NotInRevision', file, revision }
      : { code: 'NoSuchRevision', file, revision, reason: reasonOf(blob) },
  );
}

/** Returns the path without symbolic links; unchanged if the file does not exist, which reading it reports. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
