import { readlinkSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from '../../shared/file-errors.ts';

/** A path without symbolic links. */
export interface RealPath {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Returns a path without symbolic links. It need not exist, as an output file. Undefined stands for stdin or stdout, and
 * so do pipes and devices: they belong to the working folder.
 */
export function realPathOf(path: string | undefined): RealPath {
  if (path === undefined) return { path: realpathSync('.'), isFolder: true };
  const found = statOf(path);
  if (found !== undefined && !found.isFile() && !found.isDirectory()) return realPathOf(undefined);
  return { path: withoutLinks(resolve(path)), isFolder: found?.isDirectory() ?? false };
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Reading or writing the file reports the problem, such as a loop of links.
    return undefined;
  }
}

/** The most links that lead to a file that does not exist yet; Linux follows as many. */
const MAX_LINKS = 40;

/** Resolves what exists of a path. Writing to a link whose target is missing creates the target. */
function withoutLinks(path: string, links = 0): string {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(realpathSync(at), ...missing);
    } catch (error) {
      if (dirname(at) === at || !['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return path;
      const target = targetOf(at);
      if (target !== undefined && links < MAX_LINKS) {
        return withoutLinks(resolve(realpathSync(dirname(at)), target, ...missing), links + 1);
      }
      missing.unshift(basename(at));
    }
  }
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // Not a symbolic link.
  }
}
