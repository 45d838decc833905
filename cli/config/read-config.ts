import { lstatSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail as failFile, systemCode, systemReason } from '../../shared/file-errors.ts';
import { repositoryOf } from '../files/gitignore.ts';
import { readFileBytes } from '../io/input.ts';
import type { RepositoryConfig } from './config.ts';
import { fail } from './errors.ts';
import { parseConfig } from './parse-config.ts';

const LIMIT = { bytes: 1024 * 1024, words: '1 MiB' };

/** A configuration file, not yet read. */
export interface SearchedFile {
  readonly path: string;
  /** The path for messages. */
  readonly shown: string;
  /** How it was found; undefined if the user named it. */
  readonly search: { readonly start: string } | undefined;
}

/**
 * Reads a configuration file. Throws `ForeignConfig` if the search found it and it may be another user's, `NoSuchFile`,
 * `UnreadableFile`, `TooLarge`, and what `parseConfig` throws.
 */
export async function readConfig({ path, shown, search }: SearchedFile): Promise<RepositoryConfig> {
  try {
    const found = statSync(path);
    if (!found.isFile()) failFile({ code: 'UnreadableFile', path: shown, reason: 'not a file' });
    if (found.size > LIMIT.bytes) failFile({ code: 'TooLarge', at: shown, limit: LIMIT.words });
    if (search !== undefined) refuseForeign([lstatSync(path), found], { path, shown, start: search.start });
    const bytes = await readFileBytes(path);
    if (bytes.length > LIMIT.bytes) failFile({ code: 'TooLarge', at: shown, limit: LIMIT.words });
    return parseConfig(bytes, { file: shown, folder: realpathSync(dirname(path)) });
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    const code = systemCode(error);
    if (code === 'ENOENT') return failFile({ code: 'NoSuchFile', path: shown });
    return failFile({ code: 'UnreadableFile', path: shown, reason: systemReason(code) });
  }
}

/**
 * Refuses a file of a user who could not write into the folder in which the search started: in a folder such as /tmp,
 * anyone could choose the certificate of everyone below it (compare CVE-2022-24765 in Git). A file in a repository
 * counts as its content, but anyone can make a repository of /tmp as well. Throws `ForeignConfig`.
 *
 * @param stats those of the file, and of the symbolic link to it
 */
function refuseForeign(
  stats: readonly Stats[],
  { path, shown, start }: { readonly path: string; readonly shown: string; readonly start: string },
): void {
  const own = process.getuid?.();
  // Windows has no such users.
  if (own === undefined) return;
  const trusted = new Set([own, 0, statSync(start, { throwIfNoEntry: false })?.uid]);
  const foreign = stats.find(({ uid }) => !trusted.has(uid));
  if (foreign === undefined || trusted.has(repositoryOwner(dirname(path)))) return;
  fail({ code: 'ForeignConfig', at: shown, uid: foreign.uid });
}

/** Returns the owner of the repository around a folder; undefined without a repository. */
function repositoryOwner(folder: string): number | undefined {
  const root = repositoryOf(folder);
  return root === undefined ? undefined : lstatSync(join(root, '.git')).uid;
}
