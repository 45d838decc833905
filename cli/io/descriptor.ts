import { constants, writeFile } from 'node:fs';
import { open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** An open file descriptor of this process or another one. */
export interface Descriptor {
  /** Its number in this process. Undefined if it belongs to another process. */
  readonly own: number | undefined;
  readonly path: string;
}

const LINUX = /^\/proc\/(?<pid>[0-9]+)(?:\/task\/[0-9]+)?\/fd\/(?<fd>[0-9]+)$/;
const OTHERS = /^\/dev\/fd\/(?<fd>[0-9]+)$/;
const MAX_LINKS = 40;

/**
 * Returns the descriptor that a path names: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`, `/proc/1/fd/3`, or a symbolic
 * link to one. Undefined for other paths. Such a path looks like a link to a file, but replacing that file would leave
 * the descriptor's owner with the old one.
 */
export async function descriptorAt(path: string): Promise<Descriptor | undefined> {
  let current = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = await realpath(dirname(current)).catch(() => undefined);
    if (folder === undefined) return undefined;
    current = join(folder, basename(current));
    const { pid, fd } = (LINUX.exec(current) ?? OTHERS.exec(current))?.groups ?? {};
    if (fd !== undefined) {
      const isOwn = pid === undefined || Number(pid) === process.pid;
      return { own: isOwn ? Number(fd) : undefined, path: current };
    }
    const target = await readlink(current).catch(() => undefined);
    if (target === undefined) return undefined;
    current = resolve(folder, target);
  }
  return undefined;
}

/**
 * Writes text or bytes to a descriptor: at its current position, or at the end if it belongs to another process, whose position is
 * unknown. Rejects with the system error.
 */
export async function writeToDescriptor(
  { own, path }: Descriptor,
  content: string | Uint8Array,
): Promise<void> {
  if (own === 1 || own === 2) {
    await writeToStream(own === 1 ? process.stdout : process.stderr, content);
  } else if (own !== undefined) {
    // Given a number, writeFile writes at the current position and leaves the descriptor open.
    await promisify(writeFile)(own, content);
  } else {
    const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  }
}

/** Writes text or bytes to a stream. Rejects with `EPIPE` if the reader closed the pipe. */
export async function writeToStream(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  // The stream also emits the error as an event, which would end the process.
  stream.on('error', () => undefined);
  const error = await new Promise<Error | null | undefined>((done) => {
    stream.write(text, done);
  });
  if (error) throw error;
}
