import { fstat, rmSync } from 'node:fs';
import { readlink, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { fail, systemCode, systemReason } from '../../shared/file-errors.ts';
import { replaceAtomically, temporaryBeside } from '../../shared/replace-file.ts';
import { formatDocuments, type Format, type Json } from '../../shared/manifest/write.ts';
import { onInterruption } from './interruption.ts';
import { descriptorAt, writeToDescriptor, writeToStream } from './descriptor.ts';
import type { FormattedOutputOptions, InputOptions, OutputOptions } from '../flags/options.ts';

/** Writes objects to the output file or stdout, in the format of `formatOf`. `secret` is as in `writeText`. */
export async function writeObjects(
  objects: readonly Json[],
  options: FormattedOutputOptions,
  secret: boolean,
): Promise<void> {
  await writeText(formatDocuments(objects, formatOf(options)), options, secret);
}

/** Writes text to the output file or stdout. With `secret`, only the owner can read the file. */
export async function writeText(text: string, options: OutputOptions, secret: boolean): Promise<void> {
  if (options.sealedSecretFile === undefined) await writeStdout(text);
  else await replaceFile(options.sealedSecretFile, text, secret);
}

/** Whether two paths lead to the same file. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  return a === b || (await resolveLink(a)) === (await resolveLink(b));
}

/**
 * Whether the output file is the input file, under any name or redirected to stdin. Its content is then lost unless the
 * user has a copy.
 */
export async function replacesInput({
  secretFile,
  sealedSecretFile,
}: InputOptions & OutputOptions): Promise<boolean> {
  if (sealedSecretFile === undefined) return false;
  try {
    const input = await (secretFile === undefined ? fileStat(0) : stat(secretFile));
    const output = await stat(sealedSecretFile);
    return input.isFile() && input.dev === output.dev && input.ino === output.ino;
  } catch {
    // The output file does not exist yet, or stdin is closed.
    return false;
  }
}

const fileStat = promisify(fstat);

/** Whether a path can be replaced by a file: it is not an open descriptor, a pipe, a terminal or a device. */
export async function isReplaceable(path: string): Promise<boolean> {
  return (await descriptorAt(path)) === undefined && !(await isPipeOrDevice(path));
}

/** Returns the output format: YAML if the output file's name says so, else that of `-o`, else JSON. */
export function formatOf(options: FormattedOutputOptions): Format {
  if (isYamlName(options.sealedSecretFile ?? '')) return 'yaml';
  return options.format ?? 'json';
}

/** Whether a file name has a YAML extension. */
export function isYamlName(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

/** Writes to stdout. Rejects with `EPIPE` if the reader closed the pipe. */
export async function writeStdout(text: string | Uint8Array): Promise<void> {
  try {
    await writeToStream(process.stdout, text);
  } catch (error) {
    throwUnwritable('<stdout>', error);
  }
}

/** Rethrows `EPIPE`, since the reader is gone. Throws `UnwritableFile` for other errors. */
function throwUnwritable(path: string, error: unknown): never {
  const code = systemCode(error);
  if (code === 'EPIPE') throw error;
  return fail({ code: 'UnwritableFile', path, reason: systemReason(code) });
}

const OWNER_ONLY = 0o600;

/**
 * Replaces a file atomically: writes a temporary file beside it, created exclusively, and renames it. Keeps a symbolic
 * link and replaces its target. Writes directly to an open descriptor, a pipe or a device. With `secret`, only the owner
 * can read the file. Throws `UnwritableFile`, or `EPIPE` as it is.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  secret: boolean,
): Promise<void> {
  if (await isReplaceable(path)) await replaceRegularFile(path, content, secret);
  else await writeInto(path, content);
}

/** Replaces a file as `replaceFile` does, if it is known to be no open descriptor, pipe or device. */
export async function replaceRegularFile(
  path: string,
  content: string | Uint8Array,
  secret: boolean,
): Promise<void> {
  const target = await resolveLink(path);
  const temporary = temporaryBeside(target);
  const cancel = onInterruption(() => rmSync(temporary, { force: true }));
  try {
    const mode = secret ? OWNER_ONLY : await modeOf(target);
    await replaceAtomically(target, content, { temporary, mode });
  } catch (error) {
    fail({ code: 'UnwritableFile', path, reason: systemReason(systemCode(error)) });
  } finally {
    cancel();
  }
}

/** Whether a path leads to a pipe, a terminal or a device such as /dev/null. */
async function isPipeOrDevice(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function writeInto(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const descriptor = await descriptorAt(path);
    if (descriptor === undefined) await writeFile(path, content);
    else await writeToDescriptor(descriptor, content);
  } catch (error) {
    throwUnwritable(path, error);
  }
}

/** Resolves a symbolic link, whose target need not exist. */
export async function resolveLink(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : resolve(dirname(path), link);
  }
}

/** Returns the permissions of a file; undefined if it does not exist. */
export async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch {
    return undefined;
  }
}
