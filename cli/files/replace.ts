import { accessSync, constants } from 'node:fs';
import { fail as failFile, systemCode, systemReason } from '../../shared/file-errors.ts';
import { fail } from '../errors.ts';
import { readFileBytes } from '../io/input.ts';
import { replaceRegularFile } from '../io/output.ts';

/** A file as it was read. */
export interface ReadFile {
  readonly file: string;
  readonly bytes: Buffer;
}

/**
 * Replaces a file of a tree as a whole. Throws `FileChanged` if it has other content than before, and
 * `UnwritableFile`, also if only the folder can be written.
 *
 * @param work what was done with the file meanwhile
 */
export async function replaceTreeFile(
  { file, bytes }: ReadFile,
  text: string,
  work: 're-encrypted' | 'mended',
): Promise<void> {
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    failFile({ code: 'UnwritableFile', path: file, reason: systemReason(systemCode(error)) });
  }
  if (!bytes.equals(await readFileBytes(file))) fail({ code: 'FileChanged', at: file, work });
  await replaceRegularFile(file, text, false);
}
