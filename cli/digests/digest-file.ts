import { constants, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { systemCode, systemReason } from '../../shared/file-errors.ts';
import { replaceAtomically, temporaryBeside } from '../../shared/replace-file.ts';

/** The private file of one user, which nobody else may read or write. */

/** The most bytes that are read. */
const MAX_BYTES = 4 * 1024 * 1024;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** The content of the file, undefined if the file does not exist; or why the file is not used. */
export type Content = { readonly text: string | undefined } | { readonly problem: string };

/** Returns the path of the cache: below `$XDG_CACHE_HOME` or `~/.cache`. Undefined without a home folder. */
export function digestPath(environment: NodeJS.ProcessEnv): string | undefined {
  const { XDG_CACHE_HOME: cache, HOME: home } = environment;
  // As https://specifications.freedesktop.org/basedir-spec says, a relative path is ignored.
  if (cache && isAbsolute(cache)) return join(cache, 'kubeseal', 'digests');
  // A home that does not exist, as that of a system user, is not made.
  return home && isAbsolute(home) && existsSync(home)
    ? join(home, '.cache', 'kubeseal', 'digests')
    : undefined;
}

/** Reads a file that belongs to this user alone. */
export async function readPrivate(path: string): Promise<Content> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) return { problem: 'it is not a file' };
      if (process.getuid && found.uid !== process.getuid()) return { problem: 'it belongs to another user' };
      if (process.getuid && (found.mode & OTHERS) !== 0)
        return { problem: 'other users can read or write it' };
      if (found.size > MAX_BYTES) return { problem: 'it is too large' };
      return { text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' ? { text: undefined } : { problem: systemReason(code) };
  }
}

/** Replaces a file, readable by this user alone. Returns why that failed; undefined if it did not. */
export async function writePrivate(path: string, text: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceAtomically(path, text, { temporary: temporaryBeside(path), mode: OWNER_ONLY });
    return undefined;
  } catch (error) {
    return systemReason(systemCode(error));
  }
}
