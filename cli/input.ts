import { readFile } from 'node:fs/promises';
import { fail } from '../shared/errors.ts';
import { readDocuments, requireDocuments, type Document } from '../shared/manifest/read.ts';
import type { Context } from './context.ts';

/** The documents of the input file, or of stdin. Throws `NoDocument` where there is none of the kind wanted. */
export async function readInput(
  file: string | undefined,
  wanted: string,
  context: Context,
): Promise<readonly Document[]> {
  const source = file ?? '<stdin>';
  const bytes = file === undefined ? await readStdin(wanted, context) : await readFileBytes(file);
  return requireDocuments(readDocuments(bytes, source), source, wanted);
}

/** A file's bytes. Throws `NoSuchFile` or `UnreadableFile`. */
export async function readFileBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return fail({ code: 'NoSuchFile', path });
    return fail({ code: 'UnreadableFile', path, reason: systemReason(code) });
  }
}

async function readStdin(wanted: string, context: Context): Promise<Buffer> {
  if (process.stdin.isTTY)
    context.note(`(reading a ${wanted} from the terminal: end it with Ctrl-D, or give -f FILE)`);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The code of a system error, or empty. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'the name is too long',
  ENOTDIR: 'a part of the path is not a directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
};

/** A system error's code in words. */
export function systemReason(code: string): string {
  return REASONS[code] ?? (code === '' ? 'unknown reason' : code);
}
