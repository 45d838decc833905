import { randomBytes } from 'node:crypto';
import { constants, fstat, rmSync } from 'node:fs';
import { chmod, open, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { fail } from '../../shared/errors.ts';
import { formatDocuments, type Format, type Json } from '../../shared/manifest/write.ts';
import { descriptorAt, writeToDescriptor, writeToStream } from './descriptor.ts';
import { systemCode, systemReason } from './input.ts';
import type { Options } from '../flags/options.ts';

/** Writes objects to the output file or stdout, in the format that the flags or the file's name ask for. */
export async function writeObjects(
  objects: readonly Json[],
  options: Options,
  secret: boolean,
): Promise<void> {
  await writeText(formatDocuments(objects, formatOf(options)), options, secret);
}

/** Writes text to the output file or stdout; `secret` makes the file readable by its owner alone. */
export async function writeText(text: string, options: Options, secret: boolean): Promise<void> {
  if (options.sealedSecretFile === undefined) await writeStdout(text);
  else await replaceFile(options.sealedSecretFile, text, secret);
}

/** Whether two paths lead to the same file. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  return a === b || (await followed(a)) === (await followed(b));
}

/**
 * Whether the output file is the file that the input is read from, by whatever name, or redirected to stdin: what it
 * holds is lost unless the user has a copy.
 */
export async function replacesInput({ secretFile, sealedSecretFile }: Options): Promise<boolean> {
  if (sealedSecretFile === undefined) return false;
  try {
    const input = await (secretFile === undefined ? fileStat(0) : stat(secretFile));
    const output = await stat(sealedSecretFile);
    return input.isFile() && input.dev === output.dev && input.ino === output.ino;
  } catch {
    // There is no output file yet, or stdin is closed.
    return false;
  }
}

const fileStat = promisify(fstat);

/** Whether a path names something that can be replaced by a file: no open descriptor, pipe, terminal or device. */
export async function isReplaceable(path: string): Promise<boolean> {
  return (await descriptorAt(path)) === undefined && !(await isSpecial(path));
}

/** The format that the flags or the output file's name ask for. */
export function formatOf(options: Options): Format {
  if (isYamlName(options.sealedSecretFile ?? '')) return 'yaml';
  return options.format ?? 'json';
}

/** Whether a file's name says that it holds YAML. */
export function isYamlName(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

/** Rejects with `EPIPE` where the reader of a pipe has left. */
async function writeStdout(text: string): Promise<void> {
  try {
    await writeToStream(process.stdout, text);
  } catch (error) {
    unwritable('<stdout>', error);
  }
}

/** Throws `EPIPE` as it is, since nobody reads on; else `UnwritableFile`. */
function unwritable(path: string, error: unknown): never {
  const code = systemCode(error);
  if (code === 'EPIPE') throw error;
  return fail({ code: 'UnwritableFile', path, reason: systemReason(code) });
}

const OWNER_ONLY = 0o600;

/**
 * Replaces a file by a complete new one or leaves it as it was: the text goes to a file beside it, made
 * exclusively, which then takes its name. A symbolic link stays, and what it points to is replaced. An open descriptor,
 * a pipe or a device is written to.
 */
export async function replaceFile(path: string, text: string, secret: boolean): Promise<void> {
  if (!(await isReplaceable(path))) {
    await writeInto(path, text);
    return;
  }
  const target = await followed(path);
  const temporary = join(dirname(target), `.kubeseal-${randomBytes(8).toString('hex')}.tmp`);
  const forget = removeOnSignal(temporary);
  try {
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    const file = await open(temporary, O_CREAT | O_EXCL | O_WRONLY, secret ? OWNER_ONLY : 0o666);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    const mode = secret ? OWNER_ONLY : await modeOf(target);
    if (mode !== undefined) await chmod(temporary, mode);
    await rename(temporary, target);
  } catch (error) {
    // Where the path itself is at fault, there is nothing to remove either.
    await rm(temporary, { force: true }).catch(() => undefined);
    fail({ code: 'UnwritableFile', path, reason: systemReason(systemCode(error)) });
  } finally {
    forget();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Removes a half-written file when the user stops the program. Returns the way to take that back. */
function removeOnSignal(temporary: string): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    rmSync(temporary, { force: true });
    forget();
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return forget;
}

/** Whether a path leads to a pipe, a terminal or a device such as /dev/null. */
async function isSpecial(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function writeInto(path: string, text: string): Promise<void> {
  try {
    const descriptor = await descriptorAt(path);
    if (descriptor === undefined) await writeFile(path, text);
    else await writeToDescriptor(descriptor, text);
  } catch (error) {
    unwritable(path, error);
  }
}

/** Where a symbolic link leads, though nothing be there yet. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : resolve(dirname(path), link);
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch {
    return undefined;
  }
}
