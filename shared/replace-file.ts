import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How to replace a file. */
export interface ReplaceOptions {
  /** The path of the temporary file, from `temporaryBeside`. */
  readonly temporary: string;
  /** The mode of the file. Without one, the umask of the process decides. */
  readonly mode: number | undefined;
  /** The owner of the file. Without one, it belongs to the user of the process. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Returns an unused path for a temporary file in the folder of `target`. */
export function temporaryBeside(target: string): string {
  return join(dirname(target), `.kubeseal-${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Replaces a file atomically: writes a temporary file, created exclusively, and renames it. If it fails, removes the
 * temporary file. Throws system errors as they are.
 */
export async function replaceAtomically(
  target: string,
  content: string | Uint8Array,
  options: ReplaceOptions,
): Promise<void> {
  const { temporary } = options;
  try {
    await writeTemporary(content, options);
    await rename(temporary, target);
  } catch (error) {
    // If the path itself is invalid, there is nothing to remove.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Writes the temporary file of a replacement, created exclusively, onto the disk. Throws system errors as they are. */
export async function writeTemporary(
  content: string | Uint8Array,
  { temporary, mode, owner }: ReplaceOptions,
): Promise<void> {
  // The content may be secret, so a file with a mode is closed to others before it has its final owner.
  const file = await open(temporary, 'wx', mode === undefined ? 0o666 : 0o600);
  try {
    if (owner !== undefined) {
      const own = await file.stat();
      if (own.uid !== owner.uid || own.gid !== owner.gid) await file.chown(owner.uid, owner.gid);
    }
    await file.writeFile(content);
    if (mode !== undefined) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}
