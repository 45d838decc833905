import { statSync } from 'node:fs';
import { fail } from '../../shared/file-errors.ts';
import type { CliContext } from '../context.ts';
import { readBytes, sourceOf } from '../io/input.ts';

/** The largest backup: some thousand keys. */
export const BACKUP_LIMIT = { bytes: 8 * 1024 * 1024, words: '8 MiB' };

/**
 * Returns the bytes of a backup. Throws `TooLarge` and what reading a file throws.
 *
 * @param path undefined for stdin
 */
export async function readBackupBytes(path: string | undefined, context: CliContext): Promise<Buffer> {
  const tooLarge = (): never => fail({ code: 'TooLarge', at: sourceOf(path), limit: BACKUP_LIMIT.words });
  const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && found.size > BACKUP_LIMIT.bytes) tooLarge();
  const bytes = await readBytes(path, 'backup', context);
  return bytes.length > BACKUP_LIMIT.bytes ? tooLarge() : bytes;
}
